/** Numbers from a seed, the same in every run: what a generated corpus needs to be talked about. */
export type Random = (below: number) => number;

/** A linear congruential generator; only its high bits are used. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Scripts and other kinds of text, each as the pieces (words, characters, clusters) that texts are made of. */
export const ALPHABETS = {
  ascii: ['a', 'order', 'Is', 'READY', '2026', 'x-y_z', 'mail.', 'ok!'],
  specials: ['"', '\\', '(', ')', '<b>', ',', ';', '@', '=?', '?=', '=', '_', '?', "it's", '[x]', '%41', '*'],
  latin: ['ä', 'Größe', 'naïve', 'Ångström', 'ñ', 'š', '½', '€', 'plain'],
  cjk: ['漢', '字', 'かな', '交じり', '文。', '한국어', '中文', '𠮷'],
  emoji: ['😀', '👩‍👩‍👧', '🏳️‍🌈', '👍🏽', '🇩🇪', 'ok', '✔️'],
  rtl: ['שלום', 'عالم', 'مرحبا', 'ב', '١٢٣', 'abc'],
  combining: ['e\u0301', 'o\u0308\u0323', 'Z\u0351\u036b', 'ก็', 'नमस्ते', 'n'],
} as const;

export type Alphabet = keyof typeof ALPHABETS;

export const ALPHABET_NAMES = Object.keys(ALPHABETS) as Alphabet[];

/** A text of that many code points, words apart by single spaces, none at the ends. */
export function textOf(random: Random, alphabet: Alphabet, length: number): string {
  const pieces = ALPHABETS[alphabet];
  let text = '';
  while (text.length < length * 2)
    text += (random(3) === 0 && text ? ' ' : '') + pieces[random(pieces.length)];
  const cut = [...text].slice(0, length).join('').trim();
  return cut.padEnd(Math.min(1, length), 'x');
}
