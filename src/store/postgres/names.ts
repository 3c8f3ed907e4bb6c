/** Names of prepared statements: what has one is parsed and planned once for each connection, and then only carried out. */
export interface Names {
  /** Absent for what does not come often. */
  of(text: string): string | undefined;
  /** Gives everything another name from now on, so that it is prepared anew. */
  forget(): void;
}

/** Times that a statement comes before it has a name. */
const OFTEN = 5;
/** Statements that are counted; those that come after them stay nameless. */
const MOST = 256;

export function createNames(): Names {
  const counts = new Map<string, { readonly index: number; times: number }>();
  let generation = 0;
  return {
    of(text) {
      let count = counts.get(text);
      if (count === undefined) {
        if (counts.size === MOST) return undefined;
        count = { index: counts.size, times: 0 };
        counts.set(text, count);
      }
      count.times += 1;
      return count.times > OFTEN ? `postern_${generation}_${count.index}` : undefined;
    },
    forget() {
      generation += 1;
    },
  };
}
