import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { createAddressNames, type NameRules } from './address-names.ts';

const RULES: NameRules = {
  domains: ['temp-mail.test', 'Example.COM', 'bücher.example'],
  prefix: 'TMP.',
  namePattern: '[^a-z0-9]',
  minNameLength: 1,
  maxNameLength: 30,
};

function createNames(rules: Partial<NameRules> = {}) {
  return createAddressNames({ ...RULES, ...rules }, randomBytes);
}

function make(name: string, domain = '', hasPrefix = false, rules: Partial<NameRules> = {}): string {
  try {
    return createNames(rules).address({ name, domain, hasPrefix });
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

describe('createAddressNames: the name', () => {
  test.each([
    ['Probe.1', 'robe1'],
    ['  probe  ', 'probe'],
    ['a@b', 'ab'],
    ['x\r\ny', 'xy'],
  ])('removes the unwanted characters of %j: %s', (name, local) => {
    expect(make(name)).toBe(`${local}@temp-mail.test`);
  });

  test('starts with the prefix in lower case on request', () => {
    expect(make('Probe', '', true)).toBe('tmp.robe@temp-mail.test');
    expect(make('Probe', '', false)).toBe('robe@temp-mail.test');
  });

  test.each([
    ['...', 'Name is too short (min 1)'],
    ['x'.repeat(31), 'Name is too long (max 30)'],
  ])('of the length of %j is refused', (name, message) => {
    expect(make(name)).toBe(message);
  });

  test('is measured without the removed characters and without the prefix', () => {
    expect(make(`${'X'.repeat(50)}${'x'.repeat(30)}`, '', true)).toBe(`tmp.${'x'.repeat(30)}@temp-mail.test`);
  });

  test('follows the configured pattern and lengths', () => {
    const rules = { namePattern: '[^a-z.]', minNameLength: 3, maxNameLength: 5 };
    expect(make('a.b9', '', false, rules)).toBe('a.b@temp-mail.test');
    expect(make('ab9', '', false, rules)).toBe('Name is too short (min 3)');
    expect(make('abcdef', '', false, rules)).toBe('Name is too long (max 5)');
    expect(make('a..b', '', false, rules)).toBe('Invalid address');
  });

  test('is random if the request has none, and matches the pattern', () => {
    const names = Array.from({ length: 200 }, () => make('', '', false, { namePattern: '[^a-f]' }));
    expect(new Set(names).size).toBe(200);
    expect(names.every(name => /^[a-f]{10}@temp-mail\.test$/.test(name))).toBe(true);
    expect(make('', '', true)).toMatch(/^tmp\.[a-z0-9]{10}@temp-mail\.test$/);
    expect(make('', '', false, { maxNameLength: 4 })).toMatch(/^[a-z0-9]{4}@/);
  });

  test('gives a valid address or is refused, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), name => {
        expect(make(name)).toMatch(/^[a-z0-9]{1,30}@temp-mail\.test$|^Name is too (short|long) /);
      }),
    );
  });
});

describe('createAddressNames: the domain', () => {
  test.each([
    ['', 'temp-mail.test'],
    ['example.com', 'example.com'],
    [' EXAMPLE.com ', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
  ])('of the request %j is %s', (requested, domain) => {
    expect(make('x', requested)).toBe(`x@${domain}`);
  });

  test.each(['other.example', 'x@temp-mail.test', 'temp-mail.test\r\n'])(
    '%j is refused, because it is not configured',
    domain => {
      expect(make('x', domain)).toBe('Invalid domain');
    },
  );

  test('is refused if no domain is configured', () => {
    expect(make('x', '', false, { domains: [] })).toBe('Invalid domain');
  });
});
