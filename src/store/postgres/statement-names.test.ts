import { expect, test } from 'vitest';
import { createStatementNames } from './statement-names.ts';

test('each statement has a name of its own, and another once it is forgotten', () => {
  const names = createStatementNames();
  const [first, second] = [names.of('select 1'), names.of('select 2')];
  expect(names.of('select 1')).toBe(first);
  names.forget();
  const later = [names.of('select 1'), names.of('select 2')];
  expect(new Set([first, second, ...later]).size).toBe(4);
});
