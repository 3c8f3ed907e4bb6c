import { describe, expect, test } from 'vitest';
import { keyOfAuthorization } from './authorization.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('keyOfAuthorization', () => {
  test.each([
    ['Bearer pk_1_x', 'pk_1_x'],
    ['bearer  pk_1_x ', 'pk_1_x'],
    [basic('anybody:pk_1_x'), 'pk_1_x'],
    [basic(':pk_1_x'), 'pk_1_x'],
    [basic('a:b:c'), 'b:c'],
    [basic('a:'), ''],
  ])('finds the key in %j', (header, key) => {
    expect(keyOfAuthorization(header)).toEqual({ kind: 'key', key });
  });

  test('returns undefined without the header', () => {
    expect(keyOfAuthorization(undefined)).toBeUndefined();
  });

  test.each(['', 'Bearer', 'Bearer a b', 'Bearer ä', 'Digest x', 'pk_1_x', basic('nocolon'), 'Basic !'])(
    'refuses %j, and does not repeat it in the error',
    header => {
      expect(() => keyOfAuthorization(header)).toThrow(/^The (Authorization header|Basic credential) is n/);
    },
  );
});
