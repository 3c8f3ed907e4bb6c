import { isUtf8 } from 'node:buffer';

/** A line without its CRLF, or why it is none: longer than it may be, or holding what no line may hold. */
export type Line =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'too-long' | 'not-text' };

/** Cuts what a client sends into lines, which end in CRLF and in nothing else. */
export interface LineSplitter {
  push(chunk: Buffer): void;
  /** The next whole line of at most so many octets; undefined until there is one. */
  next(maxOctets: number): Line | undefined;
  /** Takes out what was pushed and not read as lines. */
  takeRest(): Buffer;
}

const EMPTY: Buffer = Buffer.alloc(0);
const CR = 13;
const CRLF = Buffer.from('\r\n');

/** A splitter that holds no more of a line that is too long than it must to find its end. */
export function createLineSplitter(): LineSplitter {
  let rest: Buffer = EMPTY;
  let isTooLong = false;

  /** Forgets what cannot become a line any more, but for a CR that may be the first half of its end. */
  function forget(): void {
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
        if (rest.length > maxOctets) forget();
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

// RFC 5321 2.3.8: CR and LF stand for nothing alone, so that no command can hide behind one.
function textOf(line: Buffer): Line {
  const isText = isUtf8(line) && !line.some(octet => octet < 32 || octet === 127);
  return isText ? { kind: 'line', text: line.toString() } : { kind: 'not-text' };
}
