import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseEndpoint, parseNumber } from './command-options.ts';

describe('parseEndpoint', () => {
  it.each([
    ['127.0.0.1:8000', { host: '127.0.0.1', port: 8000 }],
    ['[::1]:0', { host: '::1', port: 0 }],
    ['localhost:65535', { host: 'localhost', port: 65_535 }],
    ['8000', { host: '127.0.0.1', port: 8000 }],
  ])('parses %s', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
  });

  it.each(['', 'localhost', ':8000', '::1:8000', 'localhost:65536', 'localhost:http', '127.0.0.1:8000/'])(
    'refuses %j',
    text => {
      expect(() => parseEndpoint(text)).toThrow(InvalidArgumentError);
    },
  );
});

describe('parseNumber', () => {
  it('accepts only digits', () => {
    expect(parseNumber('42')).toBe(42);
    for (const text of ['', '-1', '1.5', '0x10', '1e3', '9999999999']) {
      expect(() => parseNumber(text), text).toThrow(InvalidArgumentError);
    }
  });
});
