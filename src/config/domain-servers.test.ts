import { describe, expect, it } from 'vitest';
import { parseDomainServer } from './domain-servers.ts';
import { parseListener } from './listeners.ts';

describe('parseListener', () => {
  it.each([
    ['smtp://127.0.0.1:8025', { host: '127.0.0.1', port: 8025, isImplicitTls: false }],
    ['smtps://[::1]:465', { host: '::1', port: 465, isImplicitTls: true }],
    ['smtp://0.0.0.0:0', { host: '0.0.0.0', port: 0, isImplicitTls: false }],
  ])('parses %s', (text, listener) => {
    expect(parseListener(text)).toEqual(listener);
  });

  it.each(['', '8025', '127.0.0.1:8025', 'smtp://127.0.0.1', 'http://127.0.0.1:1', 'smtp://localhost:25'])(
    'returns an error text for %j',
    text => {
      expect(parseListener(text)).toMatch(/^must be smtp:/);
    },
  );
});

describe('parseDomainServer', () => {
  it.each([
    ['Shop.example=smtps://mx.shop.example', ['shop.example', 'mx.shop.example', 465, 'ssl']],
    ['shop.example = smtp://mx.shop.example:2525', ['shop.example', 'mx.shop.example', 2525, 'tls']],
  ])('parses %s', (text, [domain, host, port, encryption]) => {
    expect(parseDomainServer(text)).toEqual({ domain, host, port, encryption });
  });

  it.each(['', 'shop.example', 'shop.example=mx', '=smtp://x', 'a b=smtp://x', 'x.test=http://x'])(
    'returns an error text for %j',
    text => {
      expect(parseDomainServer(text)).toMatch(/^must contain only domain=/);
    },
  );
});
