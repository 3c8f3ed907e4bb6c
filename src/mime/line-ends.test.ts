import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkLineEnds, normaliseLineEnds } from './line-ends.ts';

const text = fc.string({
  unit: fc.constantFrom('\r', '\n', '\r\n', 'a', '\u0000', ' ', '\u000b'),
  maxLength: 40,
});

describe('checking line ends', () => {
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
  ])('of %j finds %j', (mime, report) => {
    expect(checkLineEnds(Buffer.from(mime))).toEqual(report);
  });

  test('finds what a search finds', () => {
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

describe('normalising line ends', () => {
  test('makes CRLF of every CRLF, CR and LF and changes nothing else', () => {
    fc.assert(
      fc.property(text, mime => {
        const normal = normaliseLineEnds(Buffer.from(mime));
        expect(normal.toString()).toBe(mime.replace(/\r\n|\r|\n/g, '\r\n'));
      }),
    );
  });

  test('gives back the very buffer when there is nothing to do', () => {
    const mime = Buffer.from('a\r\n\r\nb');
    expect(normaliseLineEnds(mime)).toBe(mime);
  });
});
