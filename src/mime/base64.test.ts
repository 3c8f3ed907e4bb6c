import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64Length, parseBase64, putEncoded, putWrapped, wrappedLength } from './base64.ts';

const octets = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ minLength: 29_100, maxLength: 29_300 }),
);

function linesOf(base64: string): string {
  return base64.match(/.{1,76}/g)?.join('\r\n') ?? '';
}

describe('base64 text', () => {
  test('is written in lines of 76 characters, without a line end after the last', () => {
    fc.assert(
      fc.property(octets, source => {
        const base64 = Buffer.from(source).toString('base64');
        expect(base64Length(source.length)).toBe(base64.length);
        const length = wrappedLength(base64.length);
        const writers = [
          (target: Buffer) => putWrapped(target, 1, base64),
          (target: Buffer) => putEncoded(target, 1, source),
        ];
        for (const write of writers) {
          const target = Buffer.alloc(length + 2, '#');
          expect(write(target)).toBe(length + 1);
          expect(target.toString('latin1')).toBe(`#${linesOf(base64)}#`);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is written from a part of a larger buffer only', () => {
    const slab = Buffer.from('....hello....');
    const target = Buffer.alloc(8);
    putEncoded(target, 0, slab.subarray(4, 9));
    expect(target.toString()).toBe('aGVsbG8=');
  });
});

describe('parseBase64', () => {
  test.each([
    ['', 0],
    ['QQ==', 1],
    ['QUI=', 2],
    ['QUJD', 3],
    ['Q U\tJ\r\nD\n', 3],
    ['QUJDRA=\r\n=', 4],
    ['+/+/', 3],
  ])('accepts %j as %i octets', (text, length) => {
    expect(parseBase64(text)).toEqual({ ok: true, value: length });
  });

  test.each([
    ['QUJ', 'the padding is missing'],
    ['QUJDQ', '5 characters, which is not a multiple of four: the end is missing'],
    ['QQ=', '3 characters, which is not a multiple of four: the end is missing'],
    ['Q===', 'more than two padding characters'],
    ['QQ==QQ==', 'character 5 follows the padding'],
    ['QUJ-', 'character 4 ("-") is not base64'],
    ['QU_D', 'character 3 ("_") is not base64'],
    ['QUJ漢', 'character 4 ("漢") is not base64'],
    ['QU😀', 'character 3 ("😀") is not base64'],
    ['data:image/png;base64,QUJD', 'character 5 (":") is not base64'],
  ])('refuses %j: %s', (text, problem) => {
    expect(parseBase64(text)).toEqual({ ok: false, reason: `not valid base64: ${problem}` });
  });

  const odd = fc.string({ unit: fc.constantFrom(...'AZaz09+/=-_ \n\u00e9漢'), maxLength: 12 });
  const padding = fc.constantFrom('', '=', '==');

  function expectGrammar(text: string): void {
    const bare = text.replace(/[ \t\r\n]/g, '');
    const isValid = bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare);
    const parsed = parseBase64(text);
    expect(parsed.ok).toBe(isValid);
    if (parsed.ok) expect(parsed.value).toBe(Buffer.from(bare, 'base64').length);
  }

  test('follows the grammar for any text', () => {
    fc.assert(
      fc.property(odd, padding, (text, end) => expectGrammar(text + end)),
      { numRuns: 2000 },
    );
  });

  test('follows the grammar for a long text that is checked in pieces', () => {
    const before = fc.constantFrom(1 << 18, (1 << 18) - 4, (1 << 18) - 3);
    fc.assert(
      fc.property(before, odd, padding, (length, text, end) =>
        expectGrammar('A'.repeat(length) + text + end),
      ),
      { numRuns: 40 },
    );
  });
});
