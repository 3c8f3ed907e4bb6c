import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What Git ignores, and what others have written. */
const FOREIGN = ['.git', 'node_modules', 'dist', 'coverage', 'data', 'servers', 'fixtures', 'LICENSE'];

/** The paths of the repository's files below its root, with slashes. */
export function listFiles(root: string, folder = ''): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !FOREIGN.includes(name))
    .flatMap(entry => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? listFiles(root, path) : [path];
    });
}
