/** How much mail may be in memory on its way out: the rest waits in the store. */
export interface Window {
  /** Takes a place if there is one. */
  tryEnter(bytes: number): boolean;
  /** Takes a place for what was claimed within `room()`. */
  enter(bytes: number): void;
  leave(bytes: number): void;
  /** What may still come in. */
  room(): { readonly messages: number; readonly bytes: number };
}

export interface WindowLimits {
  readonly messages: number;
  readonly bytes: number;
}

export function createWindow(limits: WindowLimits): Window {
  let messages = 0;
  let bytes = 0;
  return {
    tryEnter(size) {
      if (messages >= limits.messages || bytes >= limits.bytes) return false;
      messages += 1;
      bytes += size;
      return true;
    },
    enter(size) {
      messages += 1;
      bytes += size;
    },
    leave(size) {
      messages -= 1;
      bytes -= size;
    },
    room: () => ({
      messages: Math.max(0, limits.messages - messages),
      bytes: Math.max(0, limits.bytes - bytes),
    }),
  };
}
