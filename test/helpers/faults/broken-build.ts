import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../gates/gate.ts';

/** A change that breaks one promise: the text must stand exactly once in the file. */
export interface Breakage {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Runs something against a copy of this checkout with the breakages applied, and removes the copy. */
export async function withBrokenBuild<T>(
  breakages: readonly Breakage[],
  run: (root: string) => Promise<T>,
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'postern-broken-'));
  try {
    for (const name of ['bin', 'src', 'package.json'])
      cpSync(join(ROOT, name), join(root, name), { recursive: true });
    for (const name of ['node_modules', 'tools']) symlinkSync(join(ROOT, name), join(root, name));
    for (const breakage of breakages) apply(root, breakage);
    return await run(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function apply(root: string, { file, find, replace }: Breakage): void {
  const path = join(root, file);
  const parts = readFileSync(path, 'utf8').split(find);
  if (parts.length !== 2)
    throw new Error(`${file} holds ${JSON.stringify(find)} ${parts.length - 1} times, not once.`);
  writeFileSync(path, parts.join(replace));
}
