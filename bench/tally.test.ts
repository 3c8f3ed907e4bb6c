import { expect, test } from 'vitest';
import { tally } from './tally.ts';

test('what was accepted and never came is lost, and every copy beyond the first is a duplicate', () => {
  const accepted = Uint8Array.of(1, 1, 1, 0, 0);
  const copies = Uint8Array.of(1, 0, 3, 0, 2);
  expect(tally(accepted, copies)).toEqual({ accepted: 3, lost: 1, duplicates: 3 });
});
