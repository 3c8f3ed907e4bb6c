import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromEscaped } from './escaped-bytes.ts';

/** As encode(…, 'escape') writes it. */
function inEscapes(bytes: Uint8Array): string {
  return [...bytes]
    .map(byte => {
      if (byte === 0x5c) return '\\\\';
      if (byte === 0 || byte >= 0x80) return `\\${byte.toString(8).padStart(3, '0')}`;
      return String.fromCharCode(byte);
    })
    .join('');
}

test('any bytes are read back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      expect(fromEscaped(inEscapes(bytes))).toEqual(Buffer.from(bytes));
    }),
  );
});

test('a backslash before digits is no escape of theirs', () => {
  expect(fromEscaped('C:\\\\101 \\303\\251').toString()).toBe('C:\\101 é');
});
