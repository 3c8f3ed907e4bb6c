/** Returns `size` random bytes: `randomBytes` of node:crypto, or a function of a test. */
export type Random = (size: number) => Uint8Array;

const LOWER_CASE = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** The characters of random names. */
export const NAME_ALPHABET: readonly string[] = [...LOWER_CASE];
/** The characters of random passwords: letters and digits, without those that look alike, such as `l` and `1`. */
export const PASSWORD_ALPHABET: readonly string[] = [
  ...'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789',
];

/** Returns `length` characters of an alphabet, all equally likely. The alphabet has at most 256 characters. */
export function randomText(random: Random, alphabet: readonly string[], length: number): string {
  // Bytes from `limit` on are skipped: they would make the first characters more likely.
  const limit = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < limit && text.length < length) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
