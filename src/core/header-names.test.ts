import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkHeaderFields,
  checkHeaderValue,
  isDeniedHeaderName,
  isHeaderName,
  isSubjectTooLong,
  MAX_CUSTOM_HEADER_OCTETS,
  MAX_CUSTOM_HEADERS,
  MAX_SUBJECT_LENGTH,
} from './header-names.ts';

describe('isHeaderName', () => {
  test.each(['X-Mailer', 'x', 'List-Unsubscribe', 'X_1.2', "!#$%&'*+-.^_`|~", 'h'.repeat(76)])(
    'accepts %j',
    name => {
      expect(isHeaderName(name)).toBe(true);
    },
  );

  test.each([
    '',
    ' ',
    'X Mailer',
    'X-Mailer:',
    'X:Y',
    'X-\r\nBcc',
    'X\n',
    'X\0',
    'X\t',
    'Ü',
    'X\x7f',
    'h'.repeat(77),
  ])('refuses %j', name => {
    expect(isHeaderName(name)).toBe(false);
  });
});

describe('a caller', () => {
  test.each([
    ...['From', 'Sender', 'To', 'Cc', 'Bcc', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'MIME-Version'],
    ...['Content-Type', 'Content-Transfer-Encoding', 'Content-Length', 'Received', 'Return-Path'],
    ...['DKIM-Signature', 'ARC-Seal', 'Authentication-Results', 'Resent-From', 'Resent-Bcc'],
    ...['X-Sender', 'X-Receiver', 'x-envid', 'x-virtual-mta', 'x-job', 'x-dsn', 'x-dsn-notify'],
  ])('may not set %s, in any capitals', name => {
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()])
      expect(isDeniedHeaderName(spelling)).toBe(true);
  });

  test.each([
    'X-Mailer',
    'List-Unsubscribe',
    'References',
    'In-Reply-To',
    'Auto-Submitted',
    'X-Jobs',
    'X-Content',
    'Tool',
  ])('may set %s', name => {
    expect(isDeniedHeaderName(name)).toBe(false);
  });
});

describe('a header value', () => {
  test.each([
    ['plain', 'plain'],
    ['  around\t', 'around'],
    ['a\tb', 'a\tb'],
    ['', ''],
    ['Grüße 👋', 'Grüße 👋'],
    ['=?utf-8?q?=0D=0A?=', '=?utf-8?q?=0D=0A?='],
    ['v'.repeat(MAX_CUSTOM_HEADER_OCTETS), 'v'.repeat(MAX_CUSTOM_HEADER_OCTETS)],
  ])('%j is accepted as %j', (value, taken) => {
    expect(checkHeaderValue(value)).toEqual({ ok: true, value: taken });
  });

  test.each([
    'a\r\nBcc: x@y.z',
    'a\n',
    '\ra',
    'a\r\n folded',
    'a\0',
    'a\x1b[0m',
    'a\x7f',
    'a\u0085',
    'a\u2028b',
    '\udc00',
  ])('%j is refused', value => {
    expect(checkHeaderValue(value)).toEqual({ ok: false, reason: 'the value contains a control character' });
  });

  test('is refused or has no line break', () => {
    const unit = fc.constantFrom(...'ab \t\r\n\0\x7f\u0085\u2028é');
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' })), value => {
        const checked = checkHeaderValue(value);
        if (checked.ok) expect(checked.value).not.toMatch(/(?!\t)\p{Cc}|^[ \t]|[ \t]$/u);
        else expect(value).toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('the header fields of a caller', () => {
  const field = (name: string, value = 'v') => ({ name, value });

  test('keep their order, repeated names included, and lose the blanks around their values', () => {
    expect(checkHeaderFields([field('X-B', ' 1 '), field('X-A'), field('X-B', '2')])).toEqual({
      ok: true,
      value: [field('X-B', '1'), field('X-A'), field('X-B', '2')],
    });
  });

  test.each([
    [[field('X-A'), field('X A')], '"X A" is not a header name'],
    [[field('X\r\nBcc')], '"X\\r\\nBcc" is not a header name'],
    [[field('bcc', 'x@y.z')], 'the header bcc cannot be set'],
    [[field('X-A', 'a\nb')], 'header X-A: the value contains a control character'],
  ])('%j are refused: %s', (fields, reason) => {
    expect(checkHeaderFields(fields)).toEqual({ ok: false, reason });
  });

  test('are at most 50', () => {
    const fields = Array.from({ length: MAX_CUSTOM_HEADERS }, (_, i) => field(`X-${i}`));
    expect(checkHeaderFields(fields)).toMatchObject({ ok: true });
    expect(checkHeaderFields([...fields, field('X-50')])).toMatchObject({ ok: false });
  });

  test('have at most 8 KiB together, counted in UTF-8', () => {
    const half = 'ü'.repeat(MAX_CUSTOM_HEADER_OCTETS / 4 - 1);
    expect(checkHeaderFields([field('xa', half), field('xb', half)])).toMatchObject({ ok: true });
    expect(checkHeaderFields([field('xa', half), field('xb', `${half}.`)])).toEqual({
      ok: false,
      reason: 'the header fields are larger than 8192 octets together',
    });
  });
});

describe('a subject', () => {
  test.each(['x', 'é', '🎈'])('has at most 998 characters, counted as code points: %s is one', character => {
    expect(isSubjectTooLong(character.repeat(MAX_SUBJECT_LENGTH))).toBe(false);
    expect(isSubjectTooLong(character.repeat(MAX_SUBJECT_LENGTH + 1))).toBe(true);
  });
});
