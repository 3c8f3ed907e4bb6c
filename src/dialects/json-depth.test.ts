import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuMsOf } from '../../test/helpers/programs/cpu-time.ts';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth.ts';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

test('isTooDeep counts only brackets outside strings', () => {
  const open = '['.repeat(MAX_JSON_DEPTH + 1);
  expect(isTooDeep(open)).toBe(true);
  expect(isTooDeep(JSON.stringify({ text: `\\"${open}\\` }))).toBe(false);
  expect(isTooDeep(`{"a\\\\":${open}`)).toBe(true);
  expect(isTooDeep('[{}]'.repeat(100))).toBe(false);
});

test('isTooDeep agrees with the depth of the parsed value', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 40, noUnicodeString: false }),
      fc.integer({ min: 25, max: 40 }),
      (json, extra) => {
        const text = '['.repeat(extra) + json + ']'.repeat(extra);
        expect(isTooDeep(text)).toBe(depthOf(JSON.parse(text)) > MAX_JSON_DEPTH);
      },
    ),
  );
});

test('isTooDeep reads ten million quotes and backslashes in linear time', () => {
  const text = `"${'\\'.repeat(5_000_000)}${'\\"'.repeat(2_500_000)}`;
  expect(cpuMsOf(() => isTooDeep(text))).toBeLessThan(4_000);
});
