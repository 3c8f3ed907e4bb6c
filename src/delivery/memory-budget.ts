import type { ProviderId } from '../core/message.ts';

/** How much mail may be in memory on its way out: the rest waits in the store. */
export interface MemoryBudget {
  /** Takes a place for a message of a lane if there is one. */
  tryEnter(lane: ProviderId, bytes: number): boolean;
  /** Takes a place for what was claimed within `room`, or moved from another lane. */
  enter(lane: ProviderId, bytes: number): void;
  leave(lane: ProviderId, bytes: number): void;
  /** What may still come in for a lane. */
  room(lane: ProviderId): MemoryLimits;
}

export interface MemoryLimits {
  readonly messages: number;
  readonly bytes: number;
}

interface Held {
  messages: number;
  bytes: number;
}

/** A lane holds at most so many times what is free. */
const GREED = 3;

/**
 * A window in which what a lane may hold depends on what is free: alone it gets three quarters, and however many providers
 * hang, there is always room for the mail of those that do not.
 */
export function createMemoryBudget(limits: MemoryLimits): MemoryBudget {
  const held = new Map<ProviderId, Held>();
  const free: Held = { ...limits };

  function heldBy(lane: ProviderId): Held {
    return held.get(lane) ?? { messages: 0, bytes: 0 };
  }

  function enter(lane: ProviderId, bytes: number): void {
    const mine = heldBy(lane);
    held.set(lane, { messages: mine.messages + 1, bytes: mine.bytes + bytes });
    free.messages -= 1;
    free.bytes -= bytes;
  }

  return {
    enter,
    tryEnter(lane, bytes) {
      const mine = heldBy(lane);
      if (mine.messages >= GREED * free.messages || mine.bytes >= GREED * free.bytes) return false;
      enter(lane, bytes);
      return true;
    },
    leave(lane, bytes) {
      const mine = heldBy(lane);
      if (mine.messages === 1) held.delete(lane);
      else held.set(lane, { messages: mine.messages - 1, bytes: mine.bytes - bytes });
      free.messages += 1;
      free.bytes += bytes;
    },
    room(lane) {
      const mine = heldBy(lane);
      return { messages: share(free.messages, mine.messages), bytes: share(free.bytes, mine.bytes) };
    },
  };
}

/** How much may come in before what is held is `GREED` times what is free: each one more is also one less free. */
function share(free: number, held: number): number {
  return Math.max(0, Math.ceil((GREED * free - held) / (GREED + 1)));
}
