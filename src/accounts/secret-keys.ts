import { join } from 'node:path';
import { parseSecretKey, SECRET_KEY_BYTES } from '../config/secret-key.ts';
import { AppError } from '../core/errors.ts';
import type { Provider } from '../core/provider.ts';
import { readOrMake } from '../private-file.ts';
import type { Random } from './key-text.ts';
import { SealError, type Sealing } from './sealing.ts';

/** The name of the key file in the data folder. */
export const SECRET_KEY_FILE = 'secret.key';

/** The sealing key of a gate: the configured one, else the one in its data folder, which is made when it is not there. */
export function loadSecretKey(configured: string | undefined, dataFolder: string, random: Random): Buffer {
  if (configured !== undefined) return parse(configured, 'secretKey');
  const path = join(dataFolder, SECRET_KEY_FILE);
  const make = () => Buffer.from(random(SECRET_KEY_BYTES)).toString('base64');
  return parse(readOrMake(path, make), path);
}

/** Refuses to start with a key that cannot open every secret there is. */
export function assertOpensAll(
  sealing: Sealing,
  providers: readonly Provider[],
  rowOf: (provider: Provider) => string,
): void {
  for (const provider of providers) {
    if (provider.kind !== 'smtp') continue;
    try {
      sealing.open(provider.sealedPassword, rowOf(provider));
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      throw new AppError('invalid', error.message, { field: 'secretKey' });
    }
  }
}

function parse(text: string, where: string): Buffer {
  const key = parseSecretKey(text);
  if (key === undefined)
    throw new AppError('invalid', `${where} does not hold 32 bytes in base64 or hex.`, {
      field: 'secretKey',
    });
  return key;
}
