import { createHash } from 'node:crypto';
import type { Random } from './random-text.ts';

/** The number in the operator's token: keys in the registry start at 1. */
export const OPERATOR_KEY_ID = 0;

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 27 letters of 62 are 160.7 bits. */
const SECRET_LENGTH = 27;
const KEY = /^pk_(0|[1-9]\d{0,15})_[0-9A-Za-z]{27,64}$/;

/** A new key: `pk_<id>_<at least 160 random bits>`. */
export function newKeyText(id: number, random: Random): string {
  return `pk_${id}_${randomLetters(SECRET_LENGTH, random)}`;
}

/** The id that a key says it has; undefined when it has not the form of one. */
export function idOfKeyText(text: string): number | undefined {
  const digits = KEY.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** What is kept of a key: SHA-256, lower-case hex. The key is random, so that a slow hash would protect nothing. */
export function hashOfKeyText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Letters and digits, each equally likely. */
export function randomLetters(length: number, random: Random): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length)) {
      // 248 = 4 × 62: the rest would make the first letters likelier.
      if (byte < 248 && text.length < length) text += LETTERS[byte % 62];
    }
  }
  return text;
}
