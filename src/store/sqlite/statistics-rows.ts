import type { Database } from 'better-sqlite3';
import { DETAIL_KEPT_MS, KEPT_MS } from '../reports.ts';
import { type Fact, tallyRefusals, tallyTraffic } from '../statistics.ts';

/** Adds what happened to the figures, within the transaction that moves the mark of what was read. */
export function prepareFigures(db: Database): (facts: readonly Fact[]) => void {
  const addTraffic = db.prepare(`insert into traffic (step, at, account, provider, type, slot, amount)
    values (?, ?, ?, ?, ?, ?, ?) on conflict do update set amount = amount + excluded.amount`);
  const addOfDomain =
    db.prepare(`insert into domain_traffic (at, domain, account, provider, type, slot, amount)
    values (?, ?, ?, ?, ?, ?, ?) on conflict do update set amount = amount + excluded.amount`);
  const addRefusals = db.prepare(`insert into refusals (at, account, provider, domain, code, enhanced, amount,
      last_at, last_reason) values (?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict do update set amount = amount + excluded.amount,
      last_at = excluded.last_at, last_reason = excluded.last_reason`);

  return facts => {
    for (const { step, domain, at, account, provider, type, slot, amount } of tallyTraffic(facts)) {
      if (domain === '') addTraffic.run(step, at, account, provider, type, slot, amount);
      else addOfDomain.run(at, domain, account, provider, type, slot, amount);
    }
    for (const row of tallyRefusals(facts)) {
      const { at, account, provider, domain, code, enhanced, amount, lastAt, lastReason } = row;
      addRefusals.run(at, account, provider, domain, code, enhanced, amount, lastAt, lastReason);
    }
  };
}

/** Where the figures lie that are to go, and since when they are kept. */
export const OLD_FIGURES = [
  ...(['minute', 'hour', 'day'] as const).map(step => ({
    table: 'traffic',
    key: 'step, at, account, provider, type, slot',
    condition: `step = '${step}' and at`,
    keptMs: KEPT_MS[step],
  })),
  {
    table: 'domain_traffic',
    key: 'at, domain, account, provider, type, slot',
    condition: 'at',
    keptMs: DETAIL_KEPT_MS,
  },
  {
    table: 'refusals',
    key: 'at, account, provider, domain, code, enhanced',
    condition: 'at',
    keptMs: DETAIL_KEPT_MS,
  },
] as const;
