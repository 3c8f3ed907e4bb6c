import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError } from '../core/errors.ts';
import type { Random } from './random-text.ts';

/** Turns passwords that people choose into hashes that are slow to guess. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** Whether a hash was made of it; false for a text that is no hash. */
  matches(password: string, hash: string): Promise<boolean>;
}

interface Cost {
  /** Powers of two, blocks, and lanes: 128 · 2^log · blocks bytes are in use at a time. */
  readonly log: number;
  readonly blocks: number;
  readonly lanes: number;
}

/** As OWASP advises where 32 MiB is what may be spent. */
const COST: Cost = { log: 15, blocks: 8, lanes: 3 };
/** Bytes for one hash; a costlier one cannot have been made here. */
const MAX_MEMORY = 128 * 1024 * 1024;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Longer passwords are none of ours. */
const LONGEST = 256;
/** More may not wait for their turn. */
const MAX_WAITING = 50;
const HASH_TEXT = /^scrypt:(\d{1,2}):(\d{1,2}):(\d{1,2}):([\w+/=]+):([\w+/=]+)$/;

/** One hash at a time: the threads they run on are those that look up host names for delivery. */
export function createPasswords(random: Random): Passwords {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= MAX_WAITING) {
      const sentence = 'Too many want to log in at once.';
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
      const hash = await inTurn(() => derive(password, salt, COST));
      const { log, blocks, lanes } = COST;
      return `scrypt:${log}:${blocks}:${lanes}:${salt.toString('base64')}:${hash.toString('base64')}`;
    },
    async matches(password, text) {
      const [, log, blocks, lanes, salt = '', hash = ''] = HASH_TEXT.exec(text) ?? [];
      if (hash === '' || password.length > LONGEST) return false;
      const cost = { log: Number(log), blocks: Number(blocks), lanes: Number(lanes) };
      const expected = Buffer.from(hash, 'base64');
      const found = await inTurn(() => derive(password, Buffer.from(salt, 'base64'), cost));
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
