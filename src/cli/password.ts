import { readFileSync } from 'node:fs';
import { CommandFailure } from './command-failure.ts';

/** The description of the option `--password-file`. */
export const PASSWORD_FILE = 'file that contains the password, - for standard input; also POSTERN_PASSWORD';

/** There is no option for the password itself: other users of the machine can see the arguments of a process. */
export function readPassword(file: string | undefined): string | undefined {
  if (file === undefined) return process.env['POSTERN_PASSWORD'];
  return readFile(file === '-' ? 0 : file).replace(/\r?\n$/, '');
}

/** Reads a text file that an option names. */
export function readFile(path: string | number): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandFailure(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
