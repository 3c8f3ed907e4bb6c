import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLineEnds, normaliseLineEnds } from './line-ends.ts';

const text = fc.string({
  unit: fc.constantFrom('\r', '\n', '\r\n', 'a', '\u0000', ' ', '\u000b'),
  maxLength: 40,
});

describe('checkLineEnds', () => {
  test.each([
    ['a\r\nb\r\n', {}],
    ['', {}],
    ['a\rb', { bareCr: 1 }],
    ['a\r\n\r', { bareCr: 3 }],
    ['\nab\n', { bareLf: 0 }],
    ['a\r\r\nb\n\n', { bareCr: 1, bareLf: 5 }],
    ['a\u0000\r\n', { nul: 1 }],
    [`ok\r\n${'x'.repeat(998)}\r\n`, {}],
    [`ok\r\n${'x'.repeat(999)}\r\n`, { longLine: 4 }],
    ['x'.repeat(999), { longLine: 0 }],
  ])('finds in %j %j', (mime, report) => {
    expect(checkLineEnds(Buffer.from(mime))).toEqual(report);
  });

  test('finds the same offsets as a regular expression', () => {
    fc.assert(
      fc.property(text, mime => {
        const report = checkLineEnds(Buffer.from(mime));
        expect(report.bareCr ?? -1).toBe(mime.search(/\r(?!\n)/));
        expect(report.bareLf ?? -1).toBe(mime.search(/(?<!\r)\n/));
        expect(report.nul ?? -1).toBe(mime.indexOf('\u0000'));
      }),
    );
  });
});

describe('normaliseLineEnds', () => {
  test('replaces each CRLF, CR and LF by CRLF and changes nothing else', () => {
    fc.assert(
      fc.property(text, mime => {
        const normal = normaliseLineEnds(Buffer.from(mime));
        expect(normal.toString()).toBe(mime.replace(/\r\n|\r|\n/g, '\r\n'));
      }),
    );
  });

  test('returns the same buffer when nothing changes', () => {
    const mime = Buffer.from('a\r\n\r\nb');
    expect(normaliseLineEnds(mime)).toBe(mime);
  });
});
