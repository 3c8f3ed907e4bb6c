import { join } from 'node:path';
import { parseSecretKeys, SECRET_KEY_BYTES } from '../config/secret-key.ts';
import { AppError } from '../core/errors.ts';
import { readOrMake, writePrivate } from '../process/private-file.ts';
import type { Random } from './random-text.ts';
import { SealError, type Sealing } from './sealing.ts';

/** The key file in the data folder. */
export const SECRET_KEY_FILE = 'secret.key';

/** The sealing keys of a gate. */
export interface SecretKeys {
  /** The newest first. There are several until a key rotation is complete. */
  readonly keys: readonly [Buffer, ...Buffer[]];
  /** The file with the keys, one on each line. Absent if the configuration has them: only the operator changes that. */
  readonly file?: string;
}

/** Returns the configured keys, or else the keys in the data folder. Creates a key file there if it is missing. */
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

/** Replaces the keys in a key file. A crash leaves all old keys or all new keys in it. */
export function writeSecretKeys(file: string, keys: readonly Buffer[]): void {
  writePrivate(file, textOf(keys));
}

export function newSecretKey(random: Random): Buffer {
  return Buffer.from(random(SECRET_KEY_BYTES));
}

/** A secret in the store. `row` is the row name that it was sealed with. */
export interface SealedSecret {
  readonly row: string;
  readonly sealed: string;
}

/** Throws `invalid` if the keys cannot open every secret of the store: the gate must not start with them. */
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
