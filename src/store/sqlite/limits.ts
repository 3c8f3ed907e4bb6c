import type { Limits } from '../limits.ts';
import { prepareUsed } from './counters.ts';
import type { Commit } from './engine.ts';
import type { Reader } from './reader.ts';

/** Budgets: drawn in the transaction of the turn, so that draws of one turn see each other. */
export function createLimits(commit: Commit, reader: Reader): Limits {
  const used = prepareUsed(reader.db);
  return {
    draw: request => commit.run(engine => engine.counters.draw(request)),
    giveBack: request => commit.soon(engine => engine.counters.giveBack(request)),
    left: ({ budgets }) =>
      reader.read(() => Math.min(...budgets.map(budget => Math.max(0, budget.max - used(budget))))),
  };
}
