import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Random } from './random-text.ts';

/** Seals secrets for the database and opens them again. */
export interface Sealing {
  /** Seals a text for one row (`provider:7`): sealed under another row's name it does not open. '' stays ''. */
  seal(text: string, row: string): string;
  /** The text again; throws SealError when the key, the row or the sealed text is not the one it was. */
  open(sealed: string, row: string): string;
}

/** A sealing whose key can be replaced while it is in use. */
export interface RotatableSealing extends Sealing {
  /** Names the key that seals now, without saying anything about it. */
  keyId(): string;
  /** Whether a text was sealed with the key that seals now; '' was. */
  isCurrent(sealed: string): boolean;
  /** Seals with another key from now on. Those before it still open: of rows that were read before they were resealed. */
  sealWith(key: Buffer): void;
}

/** A sealed text that does not open. */
export class SealError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'SealError';
  }
}

const FORMAT = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM with the row as additional data. A sealed text is `v1.<key id>.<base64url of nonce, text and tag>`; the
 * first key seals, all of them open, so that a new key can be put before the old one.
 */
export function createSealing(keys: readonly [Buffer, ...Buffer[]], random: Random): RotatableSealing {
  let [newest] = keys;
  const byId = new Map(keys.map(key => [idOfSecretKey(key), key]));
  return {
    seal(text, row) {
      if (text === '') return '';
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', newest, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(row));
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return [FORMAT, idOfSecretKey(newest), Buffer.concat(parts).toString('base64url')].join('.');
    },
    open(sealed, row) {
      if (sealed === '') return '';
      const [format, id = '', body = ''] = sealed.split('.');
      if (format !== FORMAT)
        throw new SealError(`The secret of ${row} is not in a form that this version reads.`);
      const key = byId.get(id);
      if (key === undefined) {
        throw new SealError(
          `The secret of ${row} was sealed with another key (${id}). Give that one as secretKey or as the file secret.key in the data folder.`,
        );
      }
      return decrypt(key, Buffer.from(body, 'base64url'), row);
    },
    keyId: () => idOfSecretKey(newest),
    isCurrent: sealed => sealed === '' || sealed.startsWith(`${FORMAT}.${idOfSecretKey(newest)}.`),
    sealWith(key) {
      newest = key;
      byId.set(idOfSecretKey(key), key);
    },
  };
}

/** What names a key in sealed texts without saying anything about it. */
export function idOfSecretKey(key: Buffer): string {
  return createHash('sha256').update('postern key id\0').update(key).digest('hex').slice(0, 12);
}

function decrypt(key: Buffer, bytes: Buffer, row: string): string {
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw damaged(row);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(row));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    throw damaged(row);
  }
}

function damaged(row: string): SealError {
  return new SealError(`The secret of ${row} was changed, or belongs to another row: set it again.`);
}
