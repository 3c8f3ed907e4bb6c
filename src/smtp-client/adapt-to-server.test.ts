import { describe, expect, it } from 'vitest';
import type { Address } from '../core/address.ts';
import { adaptToServer, type Mail } from './adapt-to-server.ts';
import { type Capabilities, parseCapabilities } from './capabilities.ts';

const server = (...offers: string[]): Capabilities => parseCapabilities(['mx', ...offers]);
const mail = (parts: Partial<Mail>): Mail => ({
  envelope: { sender: 'a@example.com' as Address, recipients: ['b@example.net' as Address] },
  mime: Buffer.from('1234567890'),
  eightBit: false,
  smtputf8: false,
  ...parts,
});
const converted = Buffer.from('=C3=A4');
const convert = (): Buffer => converted;
const cannotConvert = (): undefined => undefined;

describe('adaptToServer', () => {
  it.each<[string, Partial<Mail>, string[], string]>([
    ['a 7-bit message to a server without extensions', {}, [], ''],
    ['the size to a server with SIZE', {}, ['SIZE'], ' SIZE=10'],
    ['a message of exactly the limit', {}, ['SIZE 10'], ' SIZE=10'],
    ['a 7-bit message to a server with 8BITMIME', {}, ['8BITMIME'], ''],
    ['an 8-bit message to a server with 8BITMIME', { eightBit: true }, ['8BITMIME'], ' BODY=8BITMIME'],
    [
      'a message that needs no SMTPUTF8 to a server that offers it',
      { eightBit: true },
      ['8BITMIME', 'SMTPUTF8'],
      ' BODY=8BITMIME',
    ],
    [
      'a message that needs SMTPUTF8 to a server that offers it',
      { smtputf8: true, eightBit: true },
      ['8BITMIME', 'SMTPUTF8', 'SIZE 0'],
      ' SIZE=10 BODY=8BITMIME SMTPUTF8',
    ],
  ])('passes %s', (_, parts, offers, parameters) => {
    const given = mail(parts);
    expect(adaptToServer(given, server(...offers), cannotConvert)).toEqual({
      ok: true,
      mime: given.mime,
      parameters,
      converted: false,
    });
  });

  it('converts an 8-bit message for a server without 8BITMIME', () => {
    expect(adaptToServer(mail({ eightBit: true }), server('SIZE'), convert)).toEqual({
      ok: true,
      mime: converted,
      parameters: ' SIZE=6',
      converted: true,
    });
  });

  it.each<[string, Partial<Mail>, string[]]>([
    ['5.6.3', { eightBit: true }, []],
    ['5.6.7', { smtputf8: true }, ['8BITMIME']],
    ['5.6.7', { smtputf8: true, eightBit: true }, []],
    ['5.3.4', {}, ['SIZE 9']],
  ])('refuses with %s a message that the server can never accept', (enhanced, parts, offers) => {
    expect(adaptToServer(mail(parts), server(...offers), cannotConvert)).toEqual({
      ok: false,
      refusal: expect.stringMatching(`^${enhanced} `),
    });
  });
});
