import { describe, expect, it } from 'vitest';
import { NO_CAPABILITIES, parseCapabilities } from './capabilities.ts';

describe('parseCapabilities', () => {
  it('reads the extensions of a server, in any case and order', () => {
    const lines = [
      'mx greets you',
      'size 1000',
      'Pipelining',
      '8BITMIME',
      'SMTPUTF8',
      'STARTTLS',
      'X-FOO bar',
    ];
    expect(parseCapabilities(lines)).toEqual({
      pipelining: true,
      eightBitMime: true,
      smtpUtf8: true,
      startTls: true,
      enhancedStatusCodes: false,
      maxSize: 1000,
      authMechanisms: [],
      lines: lines.slice(1),
    });
  });

  it.each([
    ['SIZE', 0],
    ['SIZE 0', 0],
    ['SIZE lots', 0],
    ['SIZE 52428800', 52_428_800],
  ])('reads %j as a limit of %d', (offer, maxSize) => {
    expect(parseCapabilities(['mx', offer]).maxSize).toBe(maxSize);
  });

  it('joins both forms of AUTH', () => {
    const { authMechanisms } = parseCapabilities(['mx', 'AUTH=LOGIN PLAIN', 'AUTH plain xoauth2']);
    expect(authMechanisms).toEqual(['LOGIN', 'PLAIN', 'XOAUTH2']);
  });

  it('does not read the first line as an extension', () => {
    expect(parseCapabilities(['PIPELINING'])).toEqual(NO_CAPABILITIES);
    expect(NO_CAPABILITIES).toMatchObject({ pipelining: false, eightBitMime: false });
  });
});
