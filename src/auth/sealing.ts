import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Random } from './random-text.ts';

/** Encrypts ("seals") secrets for the database, and decrypts ("opens") them. */
export interface Sealing {
  /** Seals a text for one row, such as `provider:7`. It opens only with the same row name. '' stays ''. */
  seal(text: string, row: string): string;
  /** Returns the text. Throws SealError if the key is missing, the row is another one, or the sealed text was changed. */
  open(sealed: string, row: string): string;
}

/** A sealing with a key that can be replaced while the gate runs. */
export interface RotatableSealing extends Sealing {
  /** The id of the key that seals now. */
  keyId(): string;
  /** Returns true if the text was sealed with the key that seals now, or is ''. */
  isCurrent(sealed: string): boolean;
  /** Seals with another key from now on. Earlier keys still open: a row may have been read before it was resealed. */
  sealWith(key: Buffer): void;
}

/** A sealed text cannot be opened. */
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
 * AES-256-GCM with the row name as additional data. A sealed text is `v1.<key id>.<base64url of nonce, text and tag>`.
 * The first key seals and all keys open: to rotate the key, put the new one before the old one.
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
        throw new SealError(`The secret of ${row} is in a format that this version cannot read.`);
      const key = byId.get(id);
      if (key === undefined) {
        throw new SealError(
          `The secret of ${row} was sealed with another key (${id}). Set that key as secretKey, or put it into the file secret.key in the data folder.`,
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

/** The id of a key in sealed texts. The key cannot be computed from it. */
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
  return new SealError(`The secret of ${row} was changed or belongs to another row. Set the secret again.`);
}
