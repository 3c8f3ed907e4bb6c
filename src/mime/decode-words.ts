const ENCODED_WORD = /=\?([^?\s]{1,60})\?([bq])\?([^?\s]*)\?=/gi;
// RFC 2047 6.2: blanks between two encoded-words do not belong to the text.
const BETWEEN = /^[ \t]+$/;

interface Word {
  readonly charset: string;
  /** Several buffers if adjacent words have the same charset. */
  readonly pieces: Buffer[];
}

/**
 * Decodes the encoded-words (RFC 2047) in an unstructured header value. Words in an unknown charset stay unchanged.
 * Characters that are split over two words are joined: many senders split them.
 */
export function decodeWords(value: string): string {
  let text = '';
  let end = 0;
  let pending: Word | undefined;
  for (const match of value.matchAll(ENCODED_WORD)) {
    const between = value.slice(end, match.index);
    const word = decodable(match);
    end = match.index + match[0].length;
    const isGap = pending !== undefined && word !== undefined && BETWEEN.test(between);
    if (isGap && word.charset === pending?.charset) {
      pending.pieces.push(...word.pieces);
      continue;
    }
    text += textOf(pending) + (isGap ? '' : between) + (word === undefined ? match[0] : '');
    pending = word;
  }
  return text + textOf(pending) + value.slice(end);
}

function decodable([, charset = '', encoding = '', payload = '']: RegExpMatchArray): Word | undefined {
  // RFC 2231 5: a language can follow the charset.
  const label = charset.replace(/\*.*$/, '').toLowerCase();
  if (!isKnownCharset(label)) return undefined;
  const octets = /b/i.test(encoding) ? Buffer.from(payload, 'base64') : octetsOfQ(payload);
  return { charset: label, pieces: [octets] };
}

function isKnownCharset(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false; // TextDecoder reports an unknown label only by an exception
  }
}

function octetsOfQ(payload: string): Buffer {
  const unescaped = payload
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(unescaped, 'latin1');
}

function textOf(word: Word | undefined): string {
  return word === undefined ? '' : new TextDecoder(word.charset).decode(Buffer.concat(word.pieces));
}
