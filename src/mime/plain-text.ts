const CR = 13;
const LF = 10;
const DOT = 0x2e;
const SHORT_LINE = 78; // RFC 5322 2.1.1: the recommended limit; 998 is the hard limit
const LONGEST_LINE = 998;

const LITERAL = 0;
const BREAK = 1;
const CONTROL = 2;
const HIGH = 3;

/** The kind of each octet in a text that is sent unencoded. */
const KIND = new Uint8Array(256);
for (let octet = 0; octet < 256; octet++) {
  if (octet > 127) KIND[octet] = HIGH;
  else if (octet === CR || octet === LF) KIND[octet] = BREAK;
  else if ((octet < 32 && octet !== 9) || octet === 127) KIND[octet] = CONTROL;
}

/** A text that needs no encoding, and its number of line ends of any kind. */
export interface PlainText {
  readonly encoding: '7bit' | '8bit';
  readonly lineEnds: number;
}

/**
 * Returns how a text can be sent without encoding; undefined when it must be encoded. Without `eightBit`, only short ASCII
 * lines without trailing blanks and controls qualify: old software damages others. With `eightBit`, UTF-8, trailing blanks
 * and lines up to the limit of the standard qualify too.
 */
export function examinePlain(text: Uint8Array, length: number, eightBit: boolean): PlainText | undefined {
  const longest = eightBit ? LONGEST_LINE : SHORT_LINE;
  let hasHigh = false;
  let lineEnds = 0;
  let lineStart = 0;
  for (let i = 0; i <= length; i++) {
    while (i < length && KIND[text[i] as number] === LITERAL) i++;
    const kind = i < length ? KIND[text[i] as number] : BREAK;
    if (kind === BREAK) {
      if (i - lineStart > longest || isFragile(text, lineStart, i)) return undefined;
      if (!eightBit && i > lineStart && isBlank(text[i - 1])) return undefined;
      if (i === length) break;
      if (text[i] === CR && i + 1 < length && text[i + 1] === LF) i++;
      lineStart = i + 1;
      lineEnds++;
    } else {
      if (kind === CONTROL || !eightBit) return undefined;
      hasHigh = true;
    }
  }
  return { encoding: hasHigh ? '8bit' : '7bit', lineEnds };
}

/** Returns true for a line that starts with a dot (bad software reads the end of data) or with `From ` (an mbox separator). */
export function isFragile(text: Uint8Array, start: number, end: number): boolean {
  const first = text[start];
  if (first !== DOT && first !== 0x46) return false;
  if (first === DOT) return start < end;
  return (
    end - start >= 5 &&
    text[start + 1] === 0x72 &&
    text[start + 2] === 0x6f &&
    text[start + 3] === 0x6d &&
    text[start + 4] === 0x20
  );
}

function isBlank(octet: number | undefined): boolean {
  return octet === 0x20 || octet === 9;
}
