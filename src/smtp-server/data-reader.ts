/** Reads a message as DATA carries it (RFC 5321 4.5.2): to the line that is a dot, without the dots put before others. */
export interface DataReader {
  /** Takes in a chunk; at the end of the message the answer is what stands behind it, which belongs to the commands. */
  push(chunk: Buffer): Buffer | undefined;
  /** Whether a CR or LF stood alone, or a NUL anywhere. */
  hasBadOctets(): boolean;
}

const NUL = 0;
const LF = 10;
const CR = 13;
const DOT = 46;
const EMPTY = Buffer.alloc(0);

/**
 * A reader that hands on the octets of the message in pieces, in order. Only CRLF ends a line, and only CRLF, dot, CRLF
 * the message: whatever other servers may take for an end (`LF . LF`, `CR . CR` and the like) is a defect within it.
 */
export function createDataReader(onPiece: (piece: Buffer) => void): DataReader {
  let isBad = false;
  let isLineStart = true;
  let carried = EMPTY;

  const hand = (piece: Buffer): void => {
    if (piece.length === 0) return;
    isBad ||= piece.includes(NUL);
    onPiece(piece);
  };

  function push(fresh: Buffer): Buffer | undefined {
    const chunk = carried.length === 0 ? fresh : Buffer.concat([carried, fresh]);
    carried = EMPTY;
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      if (isLineStart && chunk[at] === DOT) {
        if (chunk.length - at < 3 && mayBecomeEnd(chunk, at)) return carry(chunk, from, at);
        hand(chunk.subarray(from, at));
        if (chunk[at + 1] === CR && chunk[at + 2] === LF) return chunk.subarray(at + 3);
        from = ++at;
      }
      isLineStart = false;
      const end = endOfLine(chunk, at);
      if (end === undefined) break;
      if (end === 'cut') return carry(chunk, from, chunk.length - 1);
      at = end;
      isLineStart = true;
    }
    hand(chunk.subarray(from));
    return undefined;
  }

  /** Leaves to the next chunk what only that can explain. */
  function carry(chunk: Buffer, from: number, at: number): undefined {
    hand(chunk.subarray(from, at));
    carried = Buffer.from(chunk.subarray(at));
  }

  /** Behind the next CRLF; undefined when there is none, `cut` when there is half of one. Notes what stands alone. */
  function endOfLine(chunk: Buffer, start: number): number | 'cut' | undefined {
    for (let at = start; ; ) {
      const lf = chunk.indexOf(LF, at);
      // Once something stood alone, nothing more is looked for: that would take a square of the time.
      isBad ||= standsAlone(chunk.indexOf(CR, at), lf, chunk.length);
      if (lf === -1) return chunk.at(-1) === CR ? 'cut' : undefined;
      if (chunk[lf - 1] === CR) return lf + 1;
      at = lf + 1;
    }
  }

  return { push, hasBadOctets: () => isBad };
}

/** Whether the next CR or LF is not half of a CRLF; a CR at the end of the chunk may be. */
function standsAlone(cr: number, lf: number, length: number): boolean {
  if (lf === -1) return cr !== -1 && cr < length - 1;
  return cr === -1 || cr !== lf - 1;
}

function mayBecomeEnd(chunk: Buffer, dot: number): boolean {
  return dot + 1 === chunk.length || chunk[dot + 1] === CR;
}
