import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createPasswords } from './passwords.ts';
import { PASSWORD_ALPHABET, randomText } from './random-text.ts';

describe('createPasswords', () => {
  const passwords = createPasswords(randomBytes);

  test('matches a password only with its own hash', async () => {
    const [hash, again] = [await passwords.hash('Abcdefg2'), await passwords.hash('Abcdefg2')];
    expect(hash).toMatch(/^scrypt:15:8:3:/);
    expect(hash).not.toBe(again);
    expect(hash).not.toContain('Abcdefg2');
    expect(await passwords.matches('Abcdefg2', hash)).toBe(true);
    expect(await passwords.matches('Abcdefg3', hash)).toBe(false);
  });

  test.each(['', 'Abcdefg2', 'scrypt:15:8:3::', 'scrypt:99'])(
    'returns false for %j, which is not a hash of this password',
    async text => {
      expect(await passwords.matches('Abcdefg2', text)).toBe(false);
    },
  );

  test('refuses a password if 50 others already wait', async () => {
    const cheap = 'scrypt:1:1:1:AAAA:AAAA';
    const all = Array.from({ length: 60 }, async () => passwords.matches('x', cheap));
    const ends = await Promise.allSettled(all);
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    expect(await passwords.matches('x', cheap)).toBe(false);
  });
});

describe('randomText', () => {
  test('has the requested length, and all characters occur about equally often', () => {
    const text = randomText(randomBytes, PASSWORD_ALPHABET, 54_000);
    expect(text).toHaveLength(54_000);
    const counts = PASSWORD_ALPHABET.map(character => text.split(character).length - 1);
    expect(Math.min(...counts)).toBeGreaterThan(700);
    expect(Math.max(...counts)).toBeLessThan(1300);
  });
});
