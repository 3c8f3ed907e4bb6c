import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createPasswords } from './passwords.ts';
import { PASSWORD_LETTERS, randomText } from './random-text.ts';

describe('passwords of addresses', () => {
  const passwords = createPasswords(randomBytes);

  test('match the hash that was made of them, and no other does', async () => {
    const [hash, again] = [await passwords.hash('Abcdefg2'), await passwords.hash('Abcdefg2')];
    expect(hash).toMatch(/^scrypt:15:8:3:/);
    expect(hash).not.toBe(again);
    expect(hash).not.toContain('Abcdefg2');
    expect(await passwords.matches('Abcdefg2', hash)).toBe(true);
    expect(await passwords.matches('Abcdefg3', hash)).toBe(false);
  });

  test.each(['', 'Abcdefg2', 'scrypt:15:8:3::', 'scrypt:99'])(
    'match nothing that is no hash: %j',
    async text => {
      expect(await passwords.matches('Abcdefg2', text)).toBe(false);
    },
  );

  test('are refused when too many wait for theirs', async () => {
    const cheap = 'scrypt:1:1:1:AAAA:AAAA';
    const all = Array.from({ length: 60 }, async () => passwords.matches('x', cheap));
    const ends = await Promise.allSettled(all);
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    expect(await passwords.matches('x', cheap)).toBe(false);
  });
});

describe('random text', () => {
  test('has its length, and every letter about as often', () => {
    const text = randomText(randomBytes, PASSWORD_LETTERS, 54_000);
    expect(text).toHaveLength(54_000);
    const often = PASSWORD_LETTERS.map(letter => text.split(letter).length - 1);
    expect(Math.min(...often)).toBeGreaterThan(700);
    expect(Math.max(...often)).toBeLessThan(1300);
  });
});
