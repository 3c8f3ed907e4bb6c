/** Octets of messages under way that may be in memory, all connections together. */
export interface HeldBytes {
  /** False when there is no room for so many more. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

export function createHeldBytes(maxBytes: number): HeldBytes {
  let held = 0;
  return {
    take(bytes) {
      if (held + bytes > maxBytes) return false;
      held += bytes;
      return true;
    },
    giveBack(bytes) {
      held -= bytes;
    },
  };
}

/** Why a message was not kept: over the limit of one, or no room among all of them. */
export type NotKept = 'too-large' | 'no-room';

/** Collects a message piece by piece; once it cannot be kept, what there was is dropped, and pieces are only counted. */
export interface Collector {
  add(piece: Buffer): void;
  /** Octets added, kept or not. */
  size(): number;
  /** The message, which stays charged until `release`; or why there is none. */
  result(): Buffer | NotKept;
  release(): void;
}

const FIRST_BLOCK = 4 * 1024;
const BLOCK = 64 * 1024;

/** Copies pieces into blocks: a client that sends octet by octet must not cost an object for each. */
export function createCollector(held: HeldBytes, maxBytes: number): Collector {
  let blocks: Buffer[] = [];
  let used = 0;
  let charged = 0;
  let size = 0;
  let problem: NotKept | undefined;

  function release(): void {
    held.giveBack(charged);
    charged = 0;
    blocks = [];
    used = 0;
  }

  function drop(because: NotKept): void {
    problem = because;
    release();
  }

  /** The block that takes the next octet; undefined when there is no room for one. */
  function room(): Buffer | undefined {
    const last = blocks.at(-1);
    if (last !== undefined && used < last.length) return last;
    const length = last === undefined ? FIRST_BLOCK : BLOCK;
    if (!held.take(length)) return undefined;
    charged += length;
    const block = Buffer.allocUnsafeSlow(length);
    blocks.push(block);
    used = 0;
    return block;
  }

  function keep(piece: Buffer): void {
    for (let from = 0; from < piece.length; ) {
      const block = room();
      if (block === undefined) {
        drop('no-room');
        return;
      }
      const copied = piece.copy(block, used, from);
      used += copied;
      from += copied;
    }
  }

  return {
    add(piece) {
      size += piece.length;
      if (problem !== undefined) return;
      if (size > maxBytes) drop('too-large');
      else keep(piece);
    },
    size: () => size,
    result: () => problem ?? Buffer.concat(blocks, size),
    release,
  };
}
