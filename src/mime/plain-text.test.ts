import { describe, expect, test } from 'vitest';
import { examinePlain } from './plain-text.ts';

function encodingOf(text: string, eightBit: boolean): string | undefined {
  const octets = Buffer.from(text);
  return examinePlain(octets, octets.length, eightBit)?.encoding;
}

describe('examinePlain', () => {
  test.each([
    ['', '7bit', '7bit'],
    ['plain\r\nlines\n', '7bit', '7bit'],
    ['x'.repeat(78), '7bit', '7bit'],
    ['x'.repeat(79), undefined, '7bit'],
    [`a\n${'x'.repeat(998)}\rb`, undefined, '7bit'],
    ['x'.repeat(999), undefined, undefined],
    ['ä', undefined, '8bit'],
    ['ä'.repeat(500), undefined, undefined],
    ['blank at the end \nof a line', undefined, '7bit'],
    ['tab at the end\t', undefined, '7bit'],
    [' tab\tinside', '7bit', '7bit'],
    ['bell \u0007', undefined, undefined],
    ['nothing \0', undefined, undefined],
    ['delete \u007f', undefined, undefined],
    ['a\n.\nb', undefined, undefined],
    ['a\r.b', undefined, undefined],
    ['From me', undefined, undefined],
    ['Fromage, from me, From\n', '7bit', '7bit'],
  ])('finds for %j %s, and %s on an 8-bit path', (text, sevenBit, eightBit) => {
    expect(encodingOf(text, false)).toBe(sevenBit);
    expect(encodingOf(text, true)).toBe(eightBit);
  });

  test('counts each kind of line end once', () => {
    const octets = Buffer.from('a\r\nb\nc\rd\r\r\n\n');
    expect(examinePlain(octets, octets.length, false)?.lineEnds).toBe(6);
  });
});
