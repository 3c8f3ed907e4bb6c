/** Returns `size` random bytes: `randomBytes` of node:crypto, or a test's own. */
export type Random = (size: number) => Uint8Array;

const LOWER_CASE = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** What random names are made of. */
export const NAME_LETTERS: readonly string[] = [...LOWER_CASE];
/** What passwords are made of: letters and digits, without those that look like others. */
export const PASSWORD_LETTERS: readonly string[] = [
  ...'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789',
];

/** A text of so many letters, each as likely as the others; at most 256 different ones. */
export function randomText(random: Random, letters: readonly string[], length: number): string {
  // A byte beyond the last whole round of letters would make the first ones likelier.
  const fair = 256 - (256 % letters.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < fair && text.length < length) text += letters[byte % letters.length];
    }
  }
  return text;
}
