import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOfKeyText, idOfKeyText, newKeyText, randomAlphanumeric } from './key-text.ts';

describe('newKeyText', () => {
  it('contains the id and at least 160 random bits', () => {
    const key = newKeyText(42, randomBytes);
    expect(key).toMatch(/^pk_42_[0-9A-Za-z]{27}$/);
    expect(27 * Math.log2(62)).toBeGreaterThan(160);
    expect(idOfKeyText(key)).toBe(42);
  });

  it('returns a different key each time', () => {
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
  ])('returns undefined for %j, which does not have the form of a key', text => {
    expect(idOfKeyText(text)).toBeUndefined();
  });

  it('throws for no text', () => {
    fc.assert(fc.property(fc.string(), text => ['undefined', 'number'].includes(typeof idOfKeyText(text))));
  });
});

describe('randomLetters', () => {
  it('skips the bytes that would make some characters more likely', () => {
    const draws = [Uint8Array.of(255, 248, 0), Uint8Array.of(61, 62, 247)];
    expect(randomAlphanumeric(3, () => draws.shift() ?? new Uint8Array(3))).toBe('0z0');
  });
});

describe('hashOfKeyText', () => {
  it('returns SHA-256 in lower-case hex', () => {
    expect(hashOfKeyText('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
