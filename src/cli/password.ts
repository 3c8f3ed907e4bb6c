import { readFileSync } from 'node:fs';
import { CommandFailure } from './command-failure.ts';

/** What the option for a password says of itself. */
export const PASSWORD_FILE = 'file that holds the password, - for standard input; also POSTERN_PASSWORD';

/** Never an option of its own: other users of the machine see the arguments of every process. */
export function readPassword(file: string | undefined): string | undefined {
  if (file === undefined) return process.env['POSTERN_PASSWORD'];
  return readFile(file === '-' ? 0 : file).replace(/\r?\n$/, '');
}

/** The text of a file that an option names. */
export function readFile(path: string | number): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandFailure(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
