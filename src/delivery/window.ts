import type { ProviderId } from '../core/message.ts';

/** How much mail may be in memory on its way out: the rest waits in the store. */
export interface Window {
  /** Takes a place for a message of a lane if there is one. */
  tryEnter(lane: ProviderId, bytes: number): boolean;
  /** Takes a place for what was claimed within `room`, or moved from another lane. */
  enter(lane: ProviderId, bytes: number): void;
  leave(lane: ProviderId, bytes: number): void;
  /** What may still come in for a lane. */
  room(lane: ProviderId): WindowLimits;
}

export interface WindowLimits {
  readonly messages: number;
  readonly bytes: number;
}

interface Held {
  messages: number;
  bytes: number;
}

/**
 * A window in which no lane comes to hold more than it leaves free: however many providers hang, there is always room for
 * the mail of those that do not.
 */
export function createWindow(limits: WindowLimits): Window {
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
      if (mine.messages >= free.messages || mine.bytes >= free.bytes) return false;
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
      // What comes in is held and is no longer free: so much that both are equal then.
      const half = (all: number, part: number) => Math.max(0, Math.ceil((all - part) / 2));
      return { messages: half(free.messages, mine.messages), bytes: half(free.bytes, mine.bytes) };
    },
  };
}
