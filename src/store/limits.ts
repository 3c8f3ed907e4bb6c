import type { Budget } from '../core/budget.ts';

/** What of budgets was given. */
export type Draw =
  | { readonly granted: number }
  /** Nothing: epoch ms when `least` may be there. */
  | { readonly granted: 0; readonly retryAt: number };

/** Counters that hold for all nodes and outlive restarts. */
export interface Limits {
  /**
   * Takes up to `most`, and not less than `least`, out of all the budgets at once. What is more than a budget's whole
   * `max` is given when that budget is untouched, so that a large message is not held for ever; but nothing of a budget whose `max` is 0.
   */
  draw(request: { budgets: readonly Budget[]; least: number; most: number; now: number }): Promise<Draw>;
  /** Puts back what was drawn and certainly not used. */
  giveBack(request: { budgets: readonly Budget[]; amount: number }): Promise<void>;
  /** What is left of the scarcest of the budgets, 0 or more; takes nothing. */
  left(request: { budgets: readonly Budget[]; now: number }): Promise<number>;
}
