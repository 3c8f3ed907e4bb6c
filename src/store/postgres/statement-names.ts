/** Names of prepared statements: what has one is parsed and planned once for each connection, and then only carried out. */
export interface StatementNames {
  of(text: string): string;
  /** Gives everything another name from now on, so that it is prepared anew. */
  forget(): void;
}

export function createStatementNames(): StatementNames {
  const indexes = new Map<string, number>();
  let generation = 0;
  return {
    of(text) {
      const index = indexes.get(text) ?? indexes.size;
      indexes.set(text, index);
      return `postern_${generation}_${index}`;
    },
    forget() {
      generation += 1;
    },
  };
}
