import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Paths that Git ignores, and files from other projects. */
const FOREIGN = [
  ...['.git', 'node_modules', 'tools/node/node_modules', 'tools/servers', 'tools/servers.new'],
  ...['dist', 'dashboard/dist', 'coverage', 'data', 'test/fixtures', 'LICENSE'],
];

/** The paths of all files of the repository, relative to its root, with slashes. */
export function listFiles(root: string, folder = ''): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (FOREIGN.includes(path)) return [];
    return entry.isDirectory() ? listFiles(root, path) : [path];
  });
}
