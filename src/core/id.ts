import type { MessageId } from './message.ts';

// A message id has 63 bits: milliseconds (42) | node (8) | sequence (13). It is written as 13 digits of Crockford's base32 in
// lower case, so that the order of the texts is the order of acceptance. The code calculates with Numbers below 2^53.
// BigInt is used only where a store or an API needs the integer.
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const SEQUENCES = 1 << 13;
const LOW_BITS = 2 ** 30;
const PATTERN = /^[0-7][0-9a-hjkmnp-tv-z]{12}$/;
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

/** Creates the ids of one node. Each id is greater than the one before, also when the clock goes back. */
export function createIds(node: number, now: () => number): () => MessageId {
  let lastMs = 0;
  let sequence = 0;
  return () => {
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      sequence = 0;
    } else if (++sequence === SEQUENCES) {
      lastMs += 1;
      sequence = 0;
    }
    return print(lastMs, node * SEQUENCES + sequence);
  };
}

/** Returns true if a text has the form of a message id. */
export function isMessageId(text: string): text is MessageId {
  return PATTERN.test(text);
}

/** Returns the integer of an id. */
export function idToBigInt(id: MessageId): bigint {
  return (BigInt(numberOf(id, 0, 7)) << 30n) | BigInt(numberOf(id, 7, 13));
}

/** Returns the id of an integer that `idToBigInt` returned. */
export function idFromBigInt(value: bigint): MessageId {
  return digitsOf(Number(value >> 30n), 7) + digitsOf(Number(value & 0x3fffffffn), 6);
}

/** Returns the creation time of an id in epoch ms. */
export function msOfId(id: MessageId): number {
  return numberOf(id, 0, 7) * 512 + Math.floor(numberOf(id, 7, 13) / 2 ** 21);
}

/** Returns the smallest id of a time: the bound for searches by time. */
export function firstIdAt(ms: number): MessageId {
  return print(ms, 0);
}

function print(ms: number, tail: number): MessageId {
  const low = (ms % 512) * 2 ** 21 + tail;
  return digitsOf(Math.floor(ms / 512), 7) + digitsOf(low % LOW_BITS, 6);
}

function digitsOf(value: number, count: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < count; i++) {
    text = DIGITS.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function numberOf(id: string, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 32 + (VALUES.get(id.charAt(i)) ?? 0);
  return value;
}
