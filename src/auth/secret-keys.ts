import { join } from 'node:path';
import { parseSecretKeys, SECRET_KEY_BYTES } from '../config/secret-key.ts';
import { AppError } from '../core/errors.ts';
import { readOrMake, writePrivate } from '../process/private-file.ts';
import type { Random } from './random-text.ts';
import { SealError, type Sealing } from './sealing.ts';

/** The name of the key file in the data folder. */
export const SECRET_KEY_FILE = 'secret.key';

/** The sealing keys of a gate. */
export interface SecretKeys {
  /** The newest first: it seals, all of them open. More than one while a rotation is not finished. */
  readonly keys: readonly [Buffer, ...Buffer[]];
  /** The file that holds them, one a line; absent: the configuration does, which the operator alone changes. */
  readonly file?: string;
}

/** The sealing keys: the configured ones, else those in the data folder, where one is made when there is none. */
export function loadSecretKeys(
  configured: string | undefined,
  dataFolder: string,
  random: Random,
): SecretKeys {
  if (configured !== undefined) return { keys: parse(configured, 'secretKey') };
  const file = join(dataFolder, SECRET_KEY_FILE);
  return {
    keys: parse(
      readOrMake(file, () => textOf([newSecretKey(random)])),
      file,
    ),
    file,
  };
}

/** Replaces the keys in a key file: afterwards it holds either all of the old or all of the new ones. */
export function writeSecretKeys(file: string, keys: readonly Buffer[]): void {
  writePrivate(file, textOf(keys));
}

export function newSecretKey(random: Random): Buffer {
  return Buffer.from(random(SECRET_KEY_BYTES));
}

/** A secret as it is kept: `row` is the name under which it was sealed. */
export interface SealedSecret {
  readonly row: string;
  readonly sealed: string;
}

/** Refuses to start with keys that cannot open every secret there is. */
export function assertOpensSecrets(sealing: Sealing, secrets: readonly SealedSecret[]): void {
  for (const { row, sealed } of secrets) {
    try {
      sealing.open(sealed, row);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      const advice = 'Gates that share a database need the same key.';
      throw new AppError('invalid', `${error.message} ${advice}`, { field: 'secretKey' });
    }
  }
}

function textOf(keys: readonly Buffer[]): string {
  return keys.map(key => key.toString('base64')).join('\n');
}

function parse(text: string, where: string): SecretKeys['keys'] {
  const keys = parseSecretKeys(text);
  if (keys !== undefined) return keys;
  throw new AppError('invalid', `${where} does not hold 32 bytes in base64 or hex.`, { field: 'secretKey' });
}
