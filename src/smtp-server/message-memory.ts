/** The memory for messages that are being received, for all connections together. */
export interface MessageMemory {
  /** Reserves memory. Returns false when there is not enough. */
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

export function createMessageMemory(maxBytes: number): MessageMemory {
  let used = 0;
  return {
    reserve(bytes) {
      if (used + bytes > maxBytes) return false;
      used += bytes;
      return true;
    },
    release(bytes) {
      used -= bytes;
    },
  };
}

/** Why a message is not in the buffer: it is over the size limit, or there is not enough memory. */
export type NotStored = 'too-large' | 'no-memory';

/** Collects a message piece by piece. If the message cannot be stored, the pieces are dropped and only counted. */
export interface MessageBuffer {
  add(piece: Buffer): void;
  /** Number of octets added, stored or not. */
  size(): number;
  /** Returns the message, or why it was not stored. Its memory stays reserved until `release`. */
  result(): Buffer | NotStored;
  release(): void;
}

const FIRST_BLOCK = 4 * 1024;
const BLOCK = 64 * 1024;

/** Copies pieces into blocks: a client that sends single octets must not cost one object for each. */
export function createMessageBuffer(memory: MessageMemory, maxBytes: number): MessageBuffer {
  let blocks: Buffer[] = [];
  /** Octets used in the last block. */
  let used = 0;
  let reserved = 0;
  let size = 0;
  let problem: NotStored | undefined;

  function release(): void {
    memory.release(reserved);
    reserved = 0;
    blocks = [];
    used = 0;
  }

  function drop(because: NotStored): void {
    problem = because;
    release();
  }

  /** Returns the block for the next octet; undefined when there is no memory for a new one. */
  function freeBlock(): Buffer | undefined {
    const last = blocks.at(-1);
    if (last !== undefined && used < last.length) return last;
    const length = last === undefined ? FIRST_BLOCK : BLOCK;
    if (!memory.reserve(length)) return undefined;
    reserved += length;
    const block = Buffer.allocUnsafeSlow(length);
    blocks.push(block);
    used = 0;
    return block;
  }

  function store(piece: Buffer): void {
    for (let from = 0; from < piece.length; ) {
      const block = freeBlock();
      if (block === undefined) {
        drop('no-memory');
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
      else store(piece);
    },
    size: () => size,
    result: () => problem ?? Buffer.concat(blocks, size),
    release,
  };
}
