import type { GoldenCase } from '../../../test/suites/dialect.ts';
import { AppError } from '../../core/errors.ts';
import type { ProviderSettings } from '../../operations/provider-operations.ts';
import {
  CREATED,
  EMPTY,
  object,
  provider,
  ROOT,
  refusal,
  reply,
  SAMPLE,
  send,
  settings,
} from './objects.cases.ts';

/** A POST of the sample with some changed fields, and the input of the operation. */
function accepts(name: string, fields: object, expected: object): GoldenCase {
  return {
    name: `accepts ${name}`,
    request: send('POST', '', { ...SAMPLE, ...fields }),
    asks: { operation: 'addProvider', input: { ...settings, ...expected } },
    output: provider,
    reply: reply(201, object),
  };
}

/** A POST of the sample with one invalid field, and the error about it. */
function refuses(name: string, field: string, value: unknown, sentence: string): GoldenCase {
  return {
    name: `refuses ${name}`,
    request: send('POST', '', { ...SAMPLE, [field]: value }),
    reply: refusal(400, sentence, { [field]: [sentence] }),
  };
}

/** A PATCH request, and the settings in the input of the operation. */
function changes(name: string, body: object | string, expected: ProviderSettings): GoldenCase {
  return {
    name: `changes a provider with ${name}`,
    request: send('PATCH', '/1', body),
    asks: { operation: 'changeProvider', input: { id: 1, settings: expected } },
    output: { ...provider, updatedAt: CREATED + 1_000 },
    reply: reply(200, { ...object, updateTime: '2026-01-01T00:00:01+00:00' }),
  };
}

/** New providers. */
export const creating: readonly GoldenCase[] = [
  accepts('the body of the published sample, without a JSON Content-Type', {}, {}),
  accepts('a port in a string', { port: '2525' }, { port: 2525 }),
  accepts('any port with any encryption', { port: 465, encryption: 'tls' }, { port: 465, encryption: 'tls' }),
  accepts(
    'encryption none, and leaves the decision to the operation',
    { encryption: 'none' },
    { encryption: 'none' },
  ),
  ...[true, 1, '1'].map(value =>
    accepts(`isEnabled ${JSON.stringify(value)}`, { isEnabled: value }, { isEnabled: true }),
  ),
  ...[false, 0, '0'].map(value =>
    accepts(`isEnabled ${JSON.stringify(value)}`, { isEnabled: value }, { isEnabled: false }),
  ),
  accepts(
    'an empty user name and password, for no AUTH',
    { username: '', password: '' },
    { username: '', password: '' },
  ),
  accepts('a caption that is null', { caption: null }, { caption: null }),
  accepts('a caption that is ""', { caption: '' }, { caption: null }),
  accepts('unknown fields, and ignores them', { id: 9, createTime: 'x', timeout: {}, ['__proto__x']: 1 }, {}),
  accepts('an IPv4 address as host', { host: '192.0.2.1' }, { host: '192.0.2.1' }),
  accepts('an IPv6 address as host', { host: '2001:db8::1' }, { host: '2001:db8::1' }),
  accepts(
    'the settings that only Postern has, with numbers also as strings',
    {
      ...{ kind: 'smtp', priority: '5', weight: 2, senderDomains: ['example.com'], maxConnections: 3 },
      ...{ maxPerSecond: 1, maxPerMinute: '2', maxPerHour: 3, maxPerDay: null, maxRecipientsPerMessage: 7 },
      ...{ caPem: 'PEM\n', directory: null },
    },
    {
      ...{ kind: 'smtp', priority: 5, weight: 2, senderDomains: ['example.com'], maxConnections: 3 },
      ...{ maxPerSecond: 1, maxPerMinute: 2, maxPerHour: 3, maxPerDay: null, maxRecipientsPerMessage: 7 },
      caPem: 'PEM\n',
    },
  ),
  {
    name: 'accepts a pickup directory without a server',
    request: send('POST', '', { kind: 'pickup', directory: '/var/pickup', isEnabled: 1, host: '', port: 0 }),
    asks: {
      operation: 'addProvider',
      input: { kind: 'pickup', directory: '/var/pickup', isEnabled: true },
    },
    output: provider,
    reply: reply(201, object),
  },
  {
    name: 'refuses an empty object, and names all required fields',
    request: send('POST', '', '[]'),
    reply: refusal(400, 'driver is missing, and 8 more.', {
      driver: ['driver is missing.'],
      host: ['host is missing.'],
      port: ['port is missing.'],
      username: ['username is missing.'],
      password: ['password is missing.'],
      sendFrom: ['sendFrom is missing.'],
      sendFromName: ['sendFromName is missing.'],
      encryption: ['encryption is missing.'],
      isEnabled: ['isEnabled is missing.'],
    }),
  },
  {
    name: 'refuses a provider with only invalid fields, and names all of them',
    request: send('POST', '', {
      ...{
        driver: 'ses',
        host: 'no host',
        port: 65_536,
        username: 'a\r\nb',
        password: 5,
        sendFrom: 'nobody',
      },
      ...{ sendFromName: 'a\nb', encryption: 'starttls', isEnabled: 'yes', caption: ['x'], weight: -1 },
      ...{ senderDomains: 'example.com', maxPerDay: 0, kind: 'sms' },
    }),
    reply: refusal(400, 'kind must be smtp or pickup or capture, and 13 more.', {
      kind: ['kind must be smtp or pickup or capture.'],
      driver: ['driver must be smtp.'],
      host: ['host must be a host name or an IP address.'],
      port: ['port must be a whole number from 1 to 65535.'],
      username: ['username must not hold line breaks or other control characters.'],
      password: ['password must be a string.'],
      sendFrom: ['sendFrom must be an address: the address has no @.'],
      sendFromName: ['sendFromName must not hold line breaks or other control characters.'],
      encryption: ['encryption must be tls or ssl or none.'],
      isEnabled: ['isEnabled must be true, false, 1 or 0.'],
      caption: ['caption must be a string.'],
      weight: ['weight must be a whole number from 0 to 1000.'],
      senderDomains: ['senderDomains must be an array of domains.'],
      maxPerDay: ['maxPerDay must be a whole number from 1 to 1000000000.'],
    }),
  },
  refuses(
    'CR and LF in the host',
    'host',
    'a.example\r\nRSET',
    'host must not hold line breaks or other control characters.',
  ),
  refuses(
    'CR and LF in the password',
    'password',
    'canary\r\nRSET',
    'password must not hold line breaks or other control characters.',
  ),
  refuses(
    'NUL in the user name',
    'username',
    'a\0b',
    'username must not hold line breaks or other control characters.',
  ),
  refuses(
    'a host of 254 characters',
    'host',
    `${'a.'.repeat(123)}examples`,
    'host must be at most 253 characters.',
  ),
  ...[0, 1.5, '0', '25x', true, {}].map(port =>
    refuses(`port ${JSON.stringify(port)}`, 'port', port, 'port must be a whole number from 1 to 65535.'),
  ),
  refuses('an empty host', 'host', '', 'host is missing.'),
  refuses('a password without a user name', 'username', '', 'username is missing.'),
  refuses('a user name without a password', 'password', '', 'password is missing.'),
  refuses(
    'the mask as the password of a new provider',
    'password',
    '********',
    'password is the mask and no password.',
  ),
  {
    name: 'refuses clear text that the configuration does not allow',
    request: send('POST', '', { ...SAMPLE, encryption: 'none' }),
    asks: { operation: 'addProvider', input: { ...settings, encryption: 'none' } },
    output: new AppError('invalid', 'encryption: none is not allowed', {
      problems: [{ field: 'encryption', message: 'none is not allowed' }],
    }),
    reply: refusal(400, 'encryption: none is not allowed', {
      encryption: ['encryption none is not allowed.'],
    }),
  },
  ...[
    ['an empty body', '', 'The body is empty: send a JSON object.'],
    ['a body that is not JSON', 'host=a&password=canary', 'The body is not JSON.'],
    ['a body that is not an object', '"x"', 'The body must be a JSON object.'],
    ['a body that is nested too deeply', '['.repeat(40), 'The body nests deeper than 32 levels.'],
  ].map(([name = '', body = '', sentence = '']) => ({
    name: `refuses ${name}`,
    request: send('POST', '', body),
    reply: refusal(400, sentence),
  })),
];

/** Changes and deletions. */
export const changing: readonly GoldenCase[] = [
  changes('the published PATCH sample', SAMPLE, settings),
  changes('one field', { isEnabled: '0' }, { isEnabled: false }),
  changes('a user name, and keeps the stored password', { username: 'New' }, { username: 'New' }),
  changes(
    'the mask as the password, and keeps the stored password',
    { username: 'U', password: '********' },
    { username: 'U' },
  ),
  changes(
    'null and "", and keeps the stored values',
    { host: null, sendFrom: '', password: '', port: '' },
    {},
  ),
  changes(
    'an empty user name and password, and removes AUTH',
    { username: '', password: '' },
    { username: '', password: '' },
  ),
  changes('null as the caption, and removes it', { caption: null }, { caption: null }),
  changes(
    'null as a limit, and removes it',
    { maxPerHour: null, caPem: '' },
    { maxPerHour: null, caPem: null },
  ),
  changes("PHP's empty array, and keeps all settings", '[]', {}),
  changes(
    'an object as it was returned before',
    { ...object, caption: 'New' },
    {
      ...{ kind: 'smtp', host: 'host.example.com', port: 25, username: 'User', encryption: 'ssl' },
      ...{ sendFrom: 'user@example.com', sendFromName: 'Company name', isEnabled: true, caption: 'New' },
      ...{ priority: 10, weight: 0, senderDomains: [], maxConnections: 20, maxRecipientsPerMessage: 100 },
      ...{ maxPerSecond: null, maxPerMinute: null, maxPerHour: null, maxPerDay: null, caPem: null },
    },
  ),
  {
    ...changes('PUT like PATCH', { isEnabled: false }, { isEnabled: false }),
    request: send('PUT', '/1', { isEnabled: false }),
  },
  {
    name: 'refuses a change with only invalid fields',
    request: send('PATCH', '/1', { port: 'x', driver: 'ses' }),
    reply: refusal(400, 'driver must be smtp, and 1 more.', {
      driver: ['driver must be smtp.'],
      port: ['port must be a whole number from 1 to 65535.'],
    }),
  },
  {
    name: 'refuses to disable the only provider',
    request: send('PATCH', '/1', { isEnabled: 0 }),
    asks: { operation: 'changeProvider', input: { id: 1, settings: { isEnabled: false } } },
    output: new AppError('conflict', 'The only provider cannot be disabled.', { field: 'isEnabled' }),
    reply: refusal(409, 'The only provider cannot be disabled.', {
      isEnabled: ['The only provider cannot be disabled.'],
    }),
  },
  {
    name: 'returns 404 for a change of an unknown id',
    request: send('PATCH', '/7', '{}'),
    asks: { operation: 'changeProvider', input: { id: 7, settings: {} } },
    output: new AppError('not_found', 'There is no provider 7.'),
    reply: refusal(404, 'There is no provider 7.'),
  },
  {
    name: 'returns 204 for the deletion of a provider, also if it does not exist',
    request: { method: 'DELETE', url: `${ROOT}/1` },
    asks: { operation: 'removeProvider', input: { id: 1, mayBeGone: true } },
    reply: EMPTY,
  },
];
