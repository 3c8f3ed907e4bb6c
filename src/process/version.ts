import { readFileSync } from 'node:fs';

/** The program's version, from package.json: one folder up in a clone and in the package alike. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
