import { AppError } from '../../core/errors.ts';
import { quoteByte } from './go-quote.ts';

/** A range of bytes, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The first JSON value of a body. */
export interface FirstValue extends Span {
  /** The name of the type in Go's error texts. */
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'bool' | 'null';
  /** The members of an object in the order of the text, with duplicates. Empty for other values. */
  readonly members: readonly { readonly key: Span; readonly value: Span }[];
}

type Member = FirstValue['members'][number];

/** Go stops at 10,000 levels. No message needs more than 32. */
const MAX_DEPTH = 32;
const [QUOTE, BACKSLASH, COMMA, COLON, DOT, MINUS, PLUS, ZERO] = [
  0x22, 0x5c, 0x2c, 0x3a, 0x2e, 0x2d, 0x2b, 0x30,
];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const [LOWER_E, UPPER_E, LOWER_U] = [0x65, 0x45, 0x75];
const ESCAPED = new Set(Buffer.from('bfnrt\\/"'));
const LITERALS = new Map(['true', 'false', 'null'].map(word => [word.charCodeAt(0), word]));
const BEGIN_VALUE = 'looking for beginning of value';
const BEGIN_KEY = 'looking for beginning of object key string';

/**
 * Finds the first JSON value as Go's `json.Decoder` does, and ignores all bytes after it. Throws `malformed` with the error
 * texts of Go, because clients of this API compare them.
 */
export function scanFirstValue(bytes: Buffer): FirstValue {
  const members: Member[] = [];
  let at = 0;
  let depth = 0;

  const fail = (context: string): never => {
    const byte = bytes[at];
    if (byte === undefined) throw new AppError('malformed', isBlank(bytes) ? 'EOF' : 'unexpected EOF');
    throw new AppError('malformed', `invalid character ${quoteByte(byte)} ${context}`);
  };

  const skipSpace = (): number | undefined => {
    while (isSpace(bytes[at])) at += 1;
    return bytes[at];
  };

  const nextToken = (): number => {
    skipSpace();
    return at;
  };

  const skipDigits = (context: string): void => {
    if (!isDigit(bytes[at])) fail(context);
    while (isDigit(bytes[at])) at += 1;
  };

  function value(): FirstValue['kind'] {
    const first = skipSpace();
    if (first === OPEN_BRACE) return object();
    if (first === OPEN_BRACKET) return array();
    if (first === QUOTE) return string();
    if (first === MINUS || isDigit(first)) return number();
    const word = first === undefined ? undefined : LITERALS.get(first);
    return word === undefined ? fail(BEGIN_VALUE) : literal(word);
  }

  function enter(): void {
    depth += 1;
    if (depth > MAX_DEPTH) fail('exceeded max depth');
    at += 1;
  }

  function leave<Kind>(kind: Kind): Kind {
    depth -= 1;
    at += 1;
    return kind;
  }

  function object(): 'object' {
    enter();
    if (skipSpace() === CLOSE_BRACE) return leave('object');
    for (;;) {
      member();
      const next = skipSpace();
      if (next === CLOSE_BRACE) return leave('object');
      if (next !== COMMA) fail('after object key:value pair');
      at += 1;
    }
  }

  function member(): void {
    const keyStart = nextToken();
    if (bytes[at] !== QUOTE) fail(BEGIN_KEY);
    string();
    const key = { start: keyStart, end: at };
    if (skipSpace() !== COLON) fail('after object key');
    at += 1;
    const valueStart = nextToken();
    value();
    if (depth === 1) members.push({ key, value: { start: valueStart, end: at } });
  }

  function array(): 'array' {
    enter();
    if (skipSpace() === CLOSE_BRACKET) return leave('array');
    for (;;) {
      value();
      const next = skipSpace();
      if (next === CLOSE_BRACKET) return leave('array');
      if (next !== COMMA) fail('after array element');
      at += 1;
    }
  }

  function string(): 'string' {
    for (at += 1; bytes[at] !== QUOTE; at += 1) {
      if (bytes[at] === BACKSLASH) escapeSequence();
      else if ((bytes[at] ?? 0) < 0x20) fail('in string literal');
    }
    at += 1;
    return 'string';
  }

  function escapeSequence(): void {
    at += 1;
    if (bytes[at] === LOWER_U) {
      for (let digit = 0; digit < 4; digit++) {
        at += 1;
        if (!isHexDigit(bytes[at])) fail('in \\u hexadecimal character escape');
      }
    } else if (!ESCAPED.has(bytes[at] ?? 0)) {
      fail('in string escape code');
    }
  }

  function number(): 'number' {
    if (bytes[at] === MINUS) at += 1;
    if (bytes[at] === ZERO) at += 1;
    else skipDigits('in numeric literal');
    if (bytes[at] === DOT) {
      at += 1;
      skipDigits('after decimal point in numeric literal');
    }
    if (bytes[at] === LOWER_E || bytes[at] === UPPER_E) {
      at += 1;
      if (bytes[at] === PLUS || bytes[at] === MINUS) at += 1;
      skipDigits('in exponent of numeric literal');
    }
    return 'number';
  }

  function literal(word: string): 'bool' | 'null' {
    for (const letter of word) {
      if (bytes[at] !== letter.charCodeAt(0)) fail(`in literal ${word} (expecting '${letter}')`);
      at += 1;
    }
    return word === 'null' ? 'null' : 'bool';
  }

  const start = nextToken();
  const kind = value();
  return { kind, start, end: at, members };
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every(isSpace);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}
