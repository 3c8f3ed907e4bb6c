import { describe, expect, test } from 'vitest';
import { createCallerRules } from './caller-rules.ts';

const NETWORKS = ['127.0.0.0/8', '::1', '10.1.0.0/16'];
const PROXIES = ['127.0.0.1', '10.9.9.9', 'fd00::/8'];

const rules = createCallerRules({ trustedNetworks: NETWORKS, trustedProxies: [], hosts: ['Mail.Example'] });
const behindProxy = createCallerRules({ trustedNetworks: NETWORKS, trustedProxies: PROXIES, hosts: [] });

type Headers = Record<string, string>;
type Row = readonly [isAdmitted: boolean, what: string, peer: string, headers: Headers];

const LOCAL: Headers = { host: '127.0.0.1:8000' };
const local = (headers: Headers): Headers => ({ ...LOCAL, ...headers });

const DIRECT: readonly Row[] = [
  [true, 'loopback', '127.0.0.1', LOCAL],
  [true, 'IPv6 loopback', '::1', { host: '[::1]:8000' }],
  [true, 'IPv4 in IPv6', '::ffff:127.0.0.1', LOCAL],
  [true, 'a trusted network', '10.1.2.3', LOCAL],
  [false, 'another network', '10.2.0.1', LOCAL],
  [false, 'another network in mapped IPv6 form', '::ffff:10.2.0.1', LOCAL],
  [false, 'an unknown peer', '', LOCAL],
  [false, 'a peer that is not an address', 'localhost', LOCAL],

  [true, 'Host localhost', '127.0.0.1', { host: 'localhost' }],
  [true, 'Host localhost in capitals with a port', '127.0.0.1', { host: 'LocalHost:8000' }],
  [true, 'Host 127.8.8.8', '127.0.0.1', { host: '127.8.8.8' }],
  [true, 'Host [::1]', '127.0.0.1', { host: '[::1]' }],
  [true, 'a configured Host, in any case', '127.0.0.1', { host: 'mail.EXAMPLE:443' }],
  [false, 'no Host', '127.0.0.1', {}],
  [false, 'an empty Host', '127.0.0.1', { host: '' }],
  [false, 'a foreign Host (DNS rebinding)', '127.0.0.1', { host: 'evil.example' }],
  [false, 'a Host that starts with a local name', '127.0.0.1', { host: 'localhost.evil.example' }],
  [false, 'a Host with a local name as user', '127.0.0.1', { host: 'localhost@evil.example' }],
  [false, 'a Host with a local name as port', '127.0.0.1', { host: 'evil.example:localhost' }],
  [false, 'a Host in a short form of loopback', '127.0.0.1', { host: '127.1' }],
  [false, 'a Host as one number', '127.0.0.1', { host: '2130706433' }],
  [false, 'a Host that is another address', '127.0.0.1', { host: '10.1.2.3:8000' }],
  [false, 'two Hosts', '127.0.0.1', { host: 'localhost, evil.example' }],

  [false, 'the Origin of another site', '127.0.0.1', local({ origin: 'https://evil.example' })],
  [false, 'the Origin of the gate itself', '127.0.0.1', local({ origin: 'http://127.0.0.1:8000' })],
  [false, 'Origin null', '127.0.0.1', local({ origin: 'null' })],
  [true, 'Sec-Fetch-Site none', '127.0.0.1', local({ 'sec-fetch-site': 'none' })],
  [true, 'Sec-Fetch-Site same-origin', '127.0.0.1', local({ 'sec-fetch-site': 'same-origin' })],
  [false, 'Sec-Fetch-Site same-site', '127.0.0.1', local({ 'sec-fetch-site': 'same-site' })],
  [false, 'Sec-Fetch-Site cross-site', '127.0.0.1', local({ 'sec-fetch-site': 'cross-site' })],

  [false, 'X-Forwarded-For', '127.0.0.1', local({ 'x-forwarded-for': '127.0.0.1' })],
  [false, 'an empty X-Forwarded-For', '127.0.0.1', local({ 'x-forwarded-for': '' })],
  [false, 'Forwarded', '127.0.0.1', local({ forwarded: 'for=127.0.0.1' })],
  [false, 'X-Real-IP', '127.0.0.1', local({ 'x-real-ip': '127.0.0.1' })],
  [false, 'Via', '127.0.0.1', local({ via: '1.1 proxy' })],
];

const PROXIED: readonly Row[] = [
  [true, 'a trusted client', '10.9.9.9', local({ 'x-forwarded-for': '10.1.2.3' })],
  [true, 'a trusted client with a port', '10.9.9.9', local({ 'x-forwarded-for': '10.1.2.3:5555' })],
  [false, 'an untrusted client', '10.9.9.9', local({ 'x-forwarded-for': '203.0.113.9' })],
  [
    false,
    'an untrusted client behind a proxy on loopback',
    '127.0.0.1',
    local({ 'x-forwarded-for': '203.0.113.9' }),
  ],
  [
    false,
    'an untrusted client that sends a trusted address',
    '10.9.9.9',
    local({ 'x-forwarded-for': '127.0.0.1, 203.0.113.9' }),
  ],
  [
    true,
    'a trusted client through two proxies',
    '10.9.9.9',
    local({ 'x-forwarded-for': '10.1.2.3, fd00::1' }),
  ],
  [true, 'a proxy behind another proxy', '10.9.9.9', local({ 'x-forwarded-for': '127.0.0.1' })],
  [false, 'an entry that is not an address', '10.9.9.9', local({ 'x-forwarded-for': 'unknown' })],
  [false, 'an empty last entry', '10.9.9.9', local({ 'x-forwarded-for': '10.1.2.3,' })],
  [false, 'a peer that is not a proxy', '10.1.2.3', local({ 'x-forwarded-for': '10.1.2.3' })],
  [true, 'a direct call', '127.0.0.1', LOCAL],
  [false, 'a request of the proxy itself, outside the trusted networks', '10.9.9.9', LOCAL],
  [false, 'a proxy that names no client', '127.0.0.1', local({ via: '1.1 proxy' })],
  [true, 'Via beside a trusted client', '10.9.9.9', local({ via: '1.1 p', 'x-forwarded-for': '10.1.2.3' })],
  [true, 'Forwarded', '10.9.9.9', local({ forwarded: 'for=10.1.2.3;proto=https;by=10.9.9.9' })],
  [true, 'Forwarded in IPv6', '10.9.9.9', local({ forwarded: 'proto=https; For="[::1]:4711"' })],
  [
    false,
    'Forwarded with an untrusted client',
    '10.9.9.9',
    local({ forwarded: 'for=127.0.0.1, for=203.0.113.9' }),
  ],
  [false, 'Forwarded without an address', '10.9.9.9', local({ forwarded: 'for=_hidden' })],
  [true, 'X-Real-IP', '10.9.9.9', local({ 'x-real-ip': '10.1.2.3' })],
  [
    false,
    'an X-Forwarded-For of the client beside the X-Real-IP of the proxy',
    '10.9.9.9',
    local({ 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '203.0.113.9' }),
  ],
  [
    false,
    'a trusted client on a web page',
    '10.9.9.9',
    local({ 'x-forwarded-for': '10.1.2.3', origin: 'null' }),
  ],
];

describe('keyless access', () => {
  test.each(DIRECT)('is %s for %s', (isAdmitted, _what, peer, headers) => {
    expect(rules.isKeyless({ peer, headers })).toBe(isAdmitted);
  });

  test.each(PROXIED)('behind a trusted proxy is %s for %s', (isAdmitted, _what, peer, headers) => {
    expect(behindProxy.isKeyless({ peer, headers })).toBe(isAdmitted);
  });

  test('is false for all callers when no network is trusted', () => {
    const strict = createCallerRules({ trustedNetworks: [], trustedProxies: PROXIES, hosts: [] });
    expect(strict.isKeyless({ peer: '127.0.0.1', headers: LOCAL })).toBe(false);
  });

  test.each(['%j is refused as a network', 'localhost', ''])('%j is refused as a network', range => {
    expect(() => createCallerRules({ trustedNetworks: [range], trustedProxies: [], hosts: [] })).toThrow(
      /neither/,
    );
  });
});

describe('the client address', () => {
  test.each([
    ['10.9.9.9', '10.9.9.9', LOCAL],
    ['203.0.113.9', '10.9.9.9', local({ 'x-forwarded-for': '127.0.0.1, 203.0.113.9' })],
    ['203.0.113.9', '203.0.113.9', local({ 'x-forwarded-for': '127.0.0.1' })],
    ['2001:db8::1', '10.9.9.9', local({ forwarded: 'for="[2001:db8::1]"' })],
    ['10.9.9.9', '10.9.9.9', local({ 'x-forwarded-for': 'unknown' })],
    ['10.9.9.9', '10.9.9.9', local({ via: '1.1 proxy' })],
  ])('is %s for a request from %s', (address, peer, headers) => {
    expect(behindProxy.clientAddress({ peer, headers })).toBe(address);
  });
});

describe('isSecure', () => {
  test.each([
    [true, 'https from a trusted proxy', '127.0.0.1', { 'x-forwarded-proto': 'https' }],
    [true, 'a list whose last entry is https', '127.0.0.1', { 'x-forwarded-proto': 'http, https' }],
    [true, 'https in a Forwarded header', '127.0.0.1', { forwarded: 'for=203.0.113.1;proto="https";by=x' }],
    [false, 'http from a trusted proxy', '127.0.0.1', { 'x-forwarded-proto': 'http' }],
    [false, 'a trusted proxy without the header', '127.0.0.1', {}],
    [false, 'https from an untrusted peer', '203.0.113.9', { 'x-forwarded-proto': 'https' }],
  ] as const)('is %s for %s', (isSecure, _what, peer, headers) => {
    expect(behindProxy.isSecure({ peer, headers })).toBe(isSecure);
  });
});
