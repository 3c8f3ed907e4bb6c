import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { AppError } from '../core/errors.ts';
import { codeOf } from './system-error.ts';

/** @throws AppError unless files can be created in the directory and removed from it. */
export async function assertUsable(directory: string): Promise<void> {
  const reason = await problemOf(directory);
  if (reason === undefined) return;
  throw new AppError('invalid', `The pickup directory ${directory} cannot be used: ${reason}.`);
}

async function problemOf(directory: string): Promise<string | undefined> {
  try {
    if (!(await stat(directory)).isDirectory()) return 'it is not a directory';
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'it does not exist' : 'it cannot be read and written';
  }
}
