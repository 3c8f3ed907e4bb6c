import { expect, test } from 'vitest';
import { createNames } from './names.ts';

/** As often as it takes until it has a name. */
function often(names: ReturnType<typeof createNames>, text: string): string | undefined {
  for (let i = 0; i < 5; i++) expect(names.of(text)).toBeUndefined();
  return names.of(text);
}

test('what comes often has a name of its own, and another once it is forgotten', () => {
  const names = createNames();
  const first = often(names, 'select 1');
  expect(first).toBeDefined();
  expect(names.of('select 1')).toBe(first);
  const second = often(names, 'select 2');
  expect(second).not.toBe(first);
  names.forget();
  const later = [names.of('select 1'), names.of('select 2')];
  expect(new Set([first, second, ...later]).size).toBe(4);
});

test('of many kinds of statements only the first have names', () => {
  const names = createNames();
  for (let i = 0; i < 256; i++) names.of(`select ${i}`);
  for (let i = 0; i < 10; i++) expect(names.of('select late')).toBeUndefined();
  for (let i = 0; i < 4; i++) names.of('select 7');
  expect(names.of('select 7')).toBeDefined();
});
