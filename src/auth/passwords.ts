import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError } from '../core/errors.ts';
import type { Random } from './random-text.ts';

/** Hashes passwords with scrypt: people choose them, so the hash must be slow. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Returns true if `hash` is a hash of the password; false also if it is not a hash at all. */
  matches(password: string, hash: string): Promise<boolean>;
}

/** The cost parameters of scrypt (RFC 7914): N = 2^log, r = blocks, p = lanes. It uses 128 · N · r bytes. */
interface Cost {
  readonly log: number;
  readonly blocks: number;
  readonly lanes: number;
}

/** OWASP recommends these values for 32 MiB. */
const COST: Cost = { log: 15, blocks: 8, lanes: 3 };
/** Bytes for one hash. No hash of this gate needs more. */
const MAX_MEMORY = 128 * 1024 * 1024;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** In characters. A longer password never matches. */
const LONGEST = 256;
/** Hashes that wait. Above this number, a caller gets `unavailable`. */
const MAX_WAITING = 50;
const HASH_TEXT = /^scrypt:(\d{1,2}):(\d{1,2}):(\d{1,2}):([\w+/=]+):([\w+/=]+)$/;

/** Computes one hash at a time: scrypt runs in the thread pool that also looks up host names for delivery. */
export function createPasswords(random: Random): Passwords {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  function enqueue<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= MAX_WAITING) {
      const sentence = 'Too many logins at the same time. Try again in a few seconds.';
      throw new AppError('unavailable', sentence, { retryAfterSeconds: 5 });
    }
    waiting += 1;
    const turn = last.then(work).finally(() => {
      waiting -= 1;
    });
    last = turn.catch(() => {});
    return turn;
  }

  return {
    async hash(password) {
      const salt = Buffer.from(random(SALT_BYTES));
      const hash = await enqueue(() => derive(password, salt, COST));
      const { log, blocks, lanes } = COST;
      return `scrypt:${log}:${blocks}:${lanes}:${salt.toString('base64')}:${hash.toString('base64')}`;
    },
    async matches(password, text) {
      const [, log, blocks, lanes, salt = '', hash = ''] = HASH_TEXT.exec(text) ?? [];
      if (hash === '' || password.length > LONGEST) return false;
      const cost = { log: Number(log), blocks: Number(blocks), lanes: Number(lanes) };
      const expected = Buffer.from(hash, 'base64');
      const found = await enqueue(() => derive(password, Buffer.from(salt, 'base64'), cost));
      return found.length === expected.length && timingSafeEqual(found, expected);
    },
  };
}

function derive(password: string, salt: Buffer, { log, blocks, lanes }: Cost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** log, r: blocks, p: lanes, maxmem: MAX_MEMORY };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
