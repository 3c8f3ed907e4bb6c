import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { quoteBytes } from './go-quote.ts';
import { scanFirstValue } from './go-scanner.ts';

// The errors of Go 1.19's encoding/json for the same bytes.
const ERRORS: readonly (readonly [body: string, sentence: string])[] = [
  ['', 'EOF'],
  ['{', 'unexpected EOF'],
  ['{"a":"x', 'unexpected EOF'],
  ['tru', 'unexpected EOF'],
  ['-', 'unexpected EOF'],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
  ['{"a":01}', "invalid character '1' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"\\x"', "invalid character 'x' in string escape code"],
  ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
  ['-x', "invalid character 'x' in numeric literal"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['1e+x', "invalid character 'x' in exponent of numeric literal"],
  ['txx', "invalid character 'x' in literal true (expecting 'r')"],
  ['falsy', "invalid character 'y' in literal false (expecting 'e')"],
  ['nil', "invalid character 'i' in literal null (expecting 'u')"],
  ["'", "invalid character '\\'' looking for beginning of value"],
  ['\\', "invalid character '\\\\' looking for beginning of value"],
  ['\0', "invalid character '\\x00' looking for beginning of value"],
  ['\ufeff{}', "invalid character 'ï' looking for beginning of value"],
];

describe('scanFirstValue', () => {
  test.each(ERRORS)('throws for %j the error of Go: %s', (body, sentence) => {
    expect(() => scanFirstValue(Buffer.from(body))).toThrow(new AppError('malformed', sentence));
  });

  test('finds the members of an object, with duplicates, and ignores the bytes after it', () => {
    const body = Buffer.from(' {"a" : [1, {"b":2}],"a":"\\"]"} }garbage');
    const { kind, start, end, members } = scanFirstValue(body);
    expect(kind).toBe('object');
    expect(body.toString('utf8', start, end)).toBe('{"a" : [1, {"b":2}],"a":"\\"]"}');
    expect(members.map(({ value }) => body.toString('utf8', value.start, value.end))).toEqual([
      '[1, {"b":2}]',
      '"\\"]"',
    ]);
  });

  test.each([
    ['5x', 'number'],
    ['"x"y', 'string'],
    ['nullx', 'null'],
    ['true]', 'bool'],
    ['[]]', 'array'],
  ])('finds in %s a value of the kind %s', (body, kind) => {
    expect(scanFirstValue(Buffer.from(body)).kind).toBe(kind);
  });
});

describe('quoteBytes', () => {
  test.each([
    ['"a\\b\n\t\u0007\u007f', '"\\"a\\\\b\\n\\t\\a\\x7f"'],
    ['é日🎈', '"é日🎈"'],
    ['\u00a0\u200b\u{e0001}', '"\\u00a0\\u200b\\U000e0001"'],
  ])('quotes %j', (text, quoted) => {
    expect(quoteBytes(Buffer.from(text))).toBe(quoted);
  });

  test('shows bytes that are not UTF-8 in hexadecimal', () => {
    expect(quoteBytes(Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0xe6, 0x97]))).toBe('"a\\xffé\\xe6\\x97"');
  });
});
