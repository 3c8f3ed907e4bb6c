import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mailDate } from '../../mime/date.ts';
import { parseMailDate } from './mail-date.ts';

test.each([
  ['Wed, 02 Jan 2030 03:04:05 +0000', Date.UTC(2030, 0, 2, 3, 4, 5)],
  ['Wed, 2 Jan 2030 03:04:05 +0230', Date.UTC(2030, 0, 2, 0, 34, 5)],
  ['2 jan 2030 03:04 -0100', Date.UTC(2030, 0, 2, 4, 4)],
  ['Wed, 02 Jan 2030 03:04:05 GMT', Date.UTC(2030, 0, 2, 3, 4, 5)],
  ['Wed, 02 Jan 2030 04:04:05 +0100 (CET)', Date.UTC(2030, 0, 2, 3, 4, 5)],
])('parseMailDate parses %j', (text, epochMs) => {
  expect(parseMailDate(text)).toBe(epochMs);
});

test.each(
  [
    ['', 'tomorrow', '2030-01-02T03:04:05Z', '2 Jan 30 03:04:05 +0000', '0 Jan 2030 03:04:05 +0000'],
    ['31 Feb 2030 03:04:05 +0000', '2 Foo 2030 03:04:05 +0000', '2 Jan 2030 24:04:05 +0000'],
    ['2 Jan 2030 03:61:05 +0000', '2 Jan 2030 03:04:05', '2 Jan 2030 03:04:05 +0000\r\nBcc: x'],
  ].flat(),
)('parseMailDate returns undefined for %j', text => {
  expect(parseMailDate(text)).toBeUndefined();
});

test('parseMailDate parses the output of mailDate', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), seconds => {
      expect(parseMailDate(mailDate(seconds * 1_000))).toBe(seconds * 1_000);
    }),
  );
});
