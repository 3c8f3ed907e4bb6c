import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RUNS_ONCE } from '../../setup/runs-once.ts';

test('every file that is run with one engine only is there', () => {
  const folder = join(import.meta.dirname, '..', '..');
  expect(Object.keys(RUNS_ONCE).filter(file => !existsSync(join(folder, file)))).toEqual([]);
});
