import { createHash } from 'node:crypto';
import type { Random } from './random-text.ts';

/** The key id in the operator token. Ids in the registry start at 1. */
export const OPERATOR_KEY_ID = 0;

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 27 characters from 62 are 160.7 bits. */
const SECRET_LENGTH = 27;
const KEY = /^pk_(0|[1-9]\d{0,15})_[0-9A-Za-z]{27,64}$/;

/** A new key: `pk_<id>_<at least 160 random bits>`. */
export function newKeyText(id: number, random: Random): string {
  return `pk_${id}_${randomAlphanumeric(SECRET_LENGTH, random)}`;
}

/** The id in the text of a key; undefined if the text does not have the form of a key. */
export function idOfKeyText(text: string): number | undefined {
  const digits = KEY.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** SHA-256 in lower-case hex: the store keeps only this. A slow hash would not help, because the key is random. */
export function hashOfKeyText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Random ASCII letters and digits, all equally likely. */
export function randomAlphanumeric(length: number, random: Random): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length)) {
      // 248 = 4 × 62: bytes above would make the first 8 characters more likely.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62];
    }
  }
  return text;
}
