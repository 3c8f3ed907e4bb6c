import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSmarthost } from './smarthost.ts';

const LOOPBACK = ['localhost', '127.0.0.0/8', '::1'];

describe('parseSmarthost', () => {
  it('requires STARTTLS for smtp:// and implicit TLS for smtps://', () => {
    expect(parseSmarthost('smtp://mail.example', [])).toEqual({
      host: 'mail.example',
      port: 587,
      encryption: 'tls',
      username: '',
      password: '',
    });
    expect(parseSmarthost('smtps://mail.example', [])).toMatchObject({ port: 465, encryption: 'ssl' });
  });

  it('decodes user and password', () => {
    expect(parseSmarthost('smtps://bob%40example.com:p%3Aq@mail.example:2465', [])).toMatchObject({
      port: 2465,
      username: 'bob@example.com',
      password: 'p:q',
    });
  });

  it('uses no TLS only if the host allows clear text or the URL has tls=none', () => {
    expect(parseSmarthost('smtp://127.0.0.1:2525', LOOPBACK)).toMatchObject({
      encryption: 'none',
      port: 2525,
    });
    expect(parseSmarthost('smtp://[::1]', LOOPBACK)).toMatchObject({
      host: '::1',
      encryption: 'none',
      port: 25,
    });
    expect(parseSmarthost('smtp://127.0.0.1?tls=starttls', LOOPBACK)).toMatchObject({ encryption: 'tls' });
    expect(parseSmarthost('smtp://10.0.0.1', LOOPBACK)).toMatchObject({ encryption: 'tls' });
    expect(parseSmarthost('smtp://sink:1025?tls=none', [])).toMatchObject({ encryption: 'none' });
  });

  it.each([
    'mail.example:25',
    'http://mail.example',
    'smtp://',
    'smtp://mail.example/path',
    'smtp://mail.example?tls=maybe',
    'smtp://mail.example?ssl=1',
    'smtps://mail.example?tls=none',
    'smtp://bob@mail.example',
    'smtp://bob:%ZZ@mail.example',
  ])('returns an error text for %s', text => {
    expect(parseSmarthost(text, [])).toMatch(/^must /);
  });

  it('throws for no text', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(['string', 'object']).toContain(typeof parseSmarthost(`smtp://${text}`, LOOPBACK));
      }),
    );
  });
});
