import type { ProviderId } from '../core/message.ts';

/** Bounds the messages that are in memory for delivery. All others wait in the store. */
export interface MemoryBudget {
  /** Takes memory for a message of a lane; false when the lane may not have more. */
  tryEnter(lane: ProviderId, bytes: number): boolean;
  /** Takes memory for a message that was claimed within `available`, or that moves here from another lane. */
  enter(lane: ProviderId, bytes: number): void;
  leave(lane: ProviderId, bytes: number): void;
  /** What the lane may have in addition to what it holds. */
  available(lane: ProviderId): MemoryLimits;
}

export interface MemoryLimits {
  readonly messages: number;
  /** Sum of the sizes of the messages. */
  readonly bytes: number;
}

interface Held {
  messages: number;
  bytes: number;
}

/** A lane may hold so many times what is free. */
const MAX_TIMES_FREE = 3;

/**
 * What a lane may hold depends on what is free. A lane alone gets three quarters of the budget, and however many providers
 * hang, there is memory left for the messages of the others.
 */
export function createMemoryBudget(limits: MemoryLimits): MemoryBudget {
  const held = new Map<ProviderId, Held>();
  const free: Held = { ...limits };

  function heldBy(lane: ProviderId): Held {
    return held.get(lane) ?? { messages: 0, bytes: 0 };
  }

  function enter(lane: ProviderId, bytes: number): void {
    const own = heldBy(lane);
    held.set(lane, { messages: own.messages + 1, bytes: own.bytes + bytes });
    free.messages -= 1;
    free.bytes -= bytes;
  }

  return {
    enter,
    tryEnter(lane, bytes) {
      const own = heldBy(lane);
      if (own.messages >= MAX_TIMES_FREE * free.messages || own.bytes >= MAX_TIMES_FREE * free.bytes)
        return false;
      enter(lane, bytes);
      return true;
    },
    leave(lane, bytes) {
      const own = heldBy(lane);
      if (own.messages === 1) held.delete(lane);
      else held.set(lane, { messages: own.messages - 1, bytes: own.bytes - bytes });
      free.messages += 1;
      free.bytes += bytes;
    },
    available(lane) {
      const own = heldBy(lane);
      return { messages: share(free.messages, own.messages), bytes: share(free.bytes, own.bytes) };
    },
  };
}

/** How much may enter until `held` is MAX_TIMES_FREE times `free`. What enters is no longer free. */
function share(free: number, held: number): number {
  return Math.max(0, Math.ceil((MAX_TIMES_FREE * free - held) / (MAX_TIMES_FREE + 1)));
}
