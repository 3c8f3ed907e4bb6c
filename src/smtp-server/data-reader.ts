/** Reads a message after DATA (RFC 5321 4.5.2): finds the final dot, and removes the dots of dot-stuffing. */
export interface DataReader {
  /** Reads a chunk. After the end of the message it returns the rest of the chunk, which contains the next commands. */
  push(chunk: Buffer): Buffer | undefined;
  /** Returns true if the message has a bare CR, a bare LF or a NUL. */
  hasBadOctets(): boolean;
}

const NUL = 0;
const LF = 10;
const CR = 13;
const DOT = 46;
const EMPTY = Buffer.alloc(0);

/**
 * Creates a reader that passes the octets of the message to `onPiece`, in order. Only CRLF ends a line, and only
 * CRLF dot CRLF ends the message. The ends that other servers accept (`LF . LF`, `CR . CR` …) are bad octets inside it.
 */
export function createDataReader(onPiece: (piece: Buffer) => void): DataReader {
  let isBad = false;
  let isLineStart = true;
  let carried = EMPTY;

  const emit = (piece: Buffer): void => {
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
        emit(chunk.subarray(from, at));
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
    emit(chunk.subarray(from));
    return undefined;
  }

  /** Keeps octets whose meaning depends on the next chunk. */
  function carry(chunk: Buffer, from: number, at: number): undefined {
    emit(chunk.subarray(from, at));
    carried = Buffer.from(chunk.subarray(at));
  }

  /** Returns the index after the next CRLF; undefined when there is none, `cut` when there is half of one. Notes bare CR and LF. */
  function endOfLine(chunk: Buffer, start: number): number | 'cut' | undefined {
    for (let at = start; ; ) {
      const lf = chunk.indexOf(LF, at);
      // After the first bare CR or LF the search stops: it would take quadratic time.
      isBad ||= isBare(chunk.indexOf(CR, at), lf, chunk.length);
      if (lf === -1) return chunk.at(-1) === CR ? 'cut' : undefined;
      if (chunk[lf - 1] === CR) return lf + 1;
      at = lf + 1;
    }
  }

  return { push, hasBadOctets: () => isBad };
}

/** Returns true if the next CR or LF is not part of a CRLF. A CR at the end of the chunk may be part of one. */
function isBare(cr: number, lf: number, length: number): boolean {
  if (lf === -1) return cr !== -1 && cr < length - 1;
  return cr === -1 || cr !== lf - 1;
}

function mayBecomeEnd(chunk: Buffer, dot: number): boolean {
  return dot + 1 === chunk.length || chunk[dot + 1] === CR;
}
