import { readFileSync } from 'node:fs';

/** The version from package.json. That file is one folder up, in a clone and in the installed package. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
