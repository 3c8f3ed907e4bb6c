import { describe, expect, it } from 'vitest';
import { createKnownServers } from './known-servers.ts';

const known = createKnownServers([
  'shop.example=smtp://mail.shop.example:2587',
  'gmail.com=smtps://relay.shop.example',
]);

describe('createKnownServers', () => {
  it.each([
    ['googlemail.com', { host: 'smtp.gmail.com', port: 465, encryption: 'ssl' }],
    ['outlook.com', { host: 'smtp-mail.outlook.com', port: 587, encryption: 'tls' }],
    ['hot.ee', { host: 'mail.hot.ee', port: 587, encryption: 'tls' }],
  ])('finds the server of the well-known domain %s', (domain, server) => {
    expect(known.findByDomain(domain)).toEqual(server);
  });

  it('prefers a configured server to a well-known one', () => {
    expect(known.findByDomain('gmail.com')).toEqual({
      host: 'relay.shop.example',
      port: 465,
      encryption: 'ssl',
    });
    expect(known.findByDomain('shop.example')).toEqual({
      host: 'mail.shop.example',
      port: 2587,
      encryption: 'tls',
    });
  });

  it.each(['nothing.example', 'maildev', 'constructor', '__proto__', 'tostring', ''])(
    'returns undefined for the domain %j',
    domain => {
      expect(known.findByDomain(domain)).toBeUndefined();
    },
  );

  it('recognises the servers of the configuration', () => {
    const server = { host: 'Mail.Shop.Example', port: 2587, encryption: 'ssl' } as const;
    expect(known.isConfigured(server)).toBe(true);
    expect(known.isConfigured({ ...server, port: 25 })).toBe(false);
    expect(known.isConfigured({ host: 'smtp.gmail.com', port: 465, encryption: 'ssl' })).toBe(false);
  });
});
