import { isUtf8 } from 'node:buffer';

/** A line without its CRLF, or why it is refused: it is too long, or it has invalid octets. */
export type Line =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'too-long' | 'not-text' };

/** Splits the input of a client into lines. Only CRLF ends a line. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** Returns the next complete line of at most `maxOctets` octets; undefined until there is one. */
  next(maxOctets: number): Line | undefined;
  /** Returns and removes the input that was not read as lines. */
  takeRest(): Buffer;
}

const EMPTY: Buffer = Buffer.alloc(0);
const CR = 13;
const CRLF = Buffer.from('\r\n');

/** Creates a splitter that does not keep a line that is too long. It only searches for its end. */
export function createLineSplitter(): LineSplitter {
  let rest: Buffer = EMPTY;
  let isTooLong = false;

  /** Drops the start of a line that is too long. A CR at the end stays, because it may be half of the CRLF. */
  function drop(): void {
    isTooLong = true;
    rest = rest.at(-1) === CR ? rest.subarray(-1) : EMPTY;
  }

  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    },
    next(maxOctets) {
      const end = rest.indexOf(CRLF);
      if (end === -1) {
        if (rest.length > maxOctets) drop();
        return undefined;
      }
      const line = rest.subarray(0, end);
      rest = rest.subarray(end + 2);
      const wasTooLong = isTooLong || line.length > maxOctets;
      isTooLong = false;
      return wasTooLong ? { kind: 'too-long' } : textOf(line);
    },
    takeRest() {
      const taken = rest;
      rest = EMPTY;
      return taken;
    },
  };
}

// RFC 5321 2.3.8: CR and LF must not appear alone. Otherwise a command could be hidden after one.
function textOf(line: Buffer): Line {
  const isText = isUtf8(line) && !line.some(octet => octet < 32 || octet === 127);
  return isText ? { kind: 'line', text: line.toString() } : { kind: 'not-text' };
}
