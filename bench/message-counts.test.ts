import { expect, test } from 'vitest';
import { countMessages } from './message-counts.ts';

test('an accepted message that did not arrive is lost, and every copy after the first is a duplicate', () => {
  const accepted = Uint8Array.of(1, 1, 1, 0, 0);
  const copies = Uint8Array.of(1, 0, 3, 0, 2);
  expect(countMessages(accepted, copies)).toEqual({ accepted: 3, lost: 1, duplicates: 3 });
});
