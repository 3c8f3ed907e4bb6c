import { columnsLeft, type HeaderWriter, putWord, refuseLineBreaks } from './header-writer.ts';

const MAX_WORD = 75; // RFC 2047 2
const WRAPPING = '=?utf-8?Q?'.length + '?='.length;
// The longest form of one code point: four bytes as `=F0=9F=98=80`.
const MIN_ROOM = WRAPPING + 12;
const HEX = '0123456789ABCDEF';

// Characters that need no escape in a Q word. RFC 2047 5(3) is the strictest rule, so one table serves all places.
const IS_SAFE = new Uint8Array(256);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/') {
  IS_SAFE[char.charCodeAt(0)] = 1;
}
const SPACE = 32;

/**
 * Appends a text as RFC 2047 encoded-words, in B or Q, whichever is shorter. A word has at most 75 characters. No character
 * is split over two words, so that a reader can decode each word alone.
 */
export function putEncodedWords(header: HeaderWriter, text: string): void {
  refuseLineBreaks(text);
  const bytes = Buffer.from(text);
  const isQ = lengthInQ(bytes) <= Math.ceil(bytes.length / 3) * 4;
  let start = 0;
  while (start < bytes.length) {
    const left = columnsLeft(header);
    const room = (left < MIN_ROOM ? MAX_WORD : Math.min(left, MAX_WORD)) - WRAPPING;
    const end = isQ ? endOfQ(bytes, start, room) : endOfB(bytes, start, room);
    const piece = isQ ? toQ(bytes, start, end) : bytes.toString('base64', start, end);
    putWord(header, `=?utf-8?${isQ ? 'Q' : 'B'}?${piece}?=`);
    start = end;
  }
}

function lengthInQ(bytes: Buffer): number {
  let length = 0;
  for (const byte of bytes) length += widthInQ(byte);
  return length;
}

function widthInQ(byte: number): number {
  return IS_SAFE[byte] === 1 || byte === SPACE ? 1 : 3;
}

function endOfQ(bytes: Buffer, start: number, room: number): number {
  let end = start;
  let width = 0;
  while (end < bytes.length) {
    const next = endOfCodePoint(bytes, end);
    for (let i = end; i < next; i++) width += widthInQ(bytes[i] ?? 0);
    if (width > room) break;
    end = next;
  }
  return end;
}

function endOfB(bytes: Buffer, start: number, room: number): number {
  let end = Math.min(bytes.length, start + Math.floor(room / 4) * 3);
  while (end < bytes.length && isContinuation(bytes[end])) end--;
  return end;
}

function toQ(bytes: Buffer, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === SPACE) text += '_';
    else if (IS_SAFE[byte] === 1) text += String.fromCharCode(byte);
    else text += `=${HEX.charAt(byte >> 4)}${HEX.charAt(byte & 15)}`;
  }
  return text;
}

function endOfCodePoint(bytes: Buffer, start: number): number {
  let end = start + 1;
  while (isContinuation(bytes[end])) end++;
  return end;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
