import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOfKeyText, idOfKeyText, newKeyText, randomLetters } from './key-text.ts';

describe('newKeyText', () => {
  it('has the id in it, and at least 160 random bits', () => {
    const key = newKeyText(42, randomBytes);
    expect(key).toMatch(/^pk_42_[0-9A-Za-z]{27}$/);
    expect(27 * Math.log2(62)).toBeGreaterThan(160);
    expect(idOfKeyText(key)).toBe(42);
  });

  it('is another one every time', () => {
    const keys = Array.from({ length: 1000 }, () => newKeyText(1, randomBytes));
    expect(new Set(keys).size).toBe(1000);
  });
});

describe('idOfKeyText', () => {
  it.each([
    '',
    'pk_',
    'pk_1_',
    'pk_1_short',
    `pk_01_${'a'.repeat(27)}`,
    `sk_1_${'a'.repeat(27)}`,
    `pk_1_${'é'.repeat(27)}`,
  ])('knows that %j is no key', text => {
    expect(idOfKeyText(text)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), text => ['undefined', 'number'].includes(typeof idOfKeyText(text))));
  });
});

describe('randomLetters', () => {
  it('draws again for bytes that would make some letters likelier', () => {
    const draws = [Uint8Array.of(255, 248, 0), Uint8Array.of(61, 62, 247)];
    expect(randomLetters(3, () => draws.shift() ?? new Uint8Array(3))).toBe('0z0');
  });
});

describe('hashOfKeyText', () => {
  it('is SHA-256 in lower-case hex', () => {
    expect(hashOfKeyText('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
