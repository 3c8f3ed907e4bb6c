import type { Database } from 'better-sqlite3';
import {
  type FigureFilter,
  type Refusals,
  type RefusalsBy,
  type Reports,
  STEP_MS,
  type Traffic,
} from '../reports.ts';
import type { Reader } from './reader.ts';

const SAME_OWNER = '(@account is null or account = @account) and (@provider is null or provider = @provider)';

type Values = Record<string, string | number | null>;

/** The figures, read on the connection that never waits for the writer. */
export function createReports({ db, read }: Reader): Reports {
  const traffic = db.prepare(`select at, type, slot, sum(amount) as amount from traffic
    where step = @step and at >= @from and at < @to and ${SAME_OWNER} group by at, type, slot`);
  // The time comes first in the key: one look for every hour, however many other domains there are.
  const ofDomain =
    db.prepare(`with recursive hours (hour) as (select @from union all select hour + ${STEP_MS.hour} from hours
      where hour + ${STEP_MS.hour} < @to)
    select at - at % @stepMs as at, type, slot, sum(amount) as amount
    from hours cross join domain_traffic on at = hour and domain = @domain
    where ${SAME_OWNER} group by 1, type, slot`);
  const refusals = prepareRefusals(db);
  return {
    traffic: ({ step, ...filter }) =>
      read(() => {
        const values = { ...valuesOf(filter), step, stepMs: STEP_MS[step] };
        return (filter.domain === undefined ? traffic : ofDomain).all(values) as Traffic[];
      }),
    refusals: ({ by, limit, ...filter }) => read(() => refusals(by, valuesOf(filter), limit)),
  };
}

const COLUMNS: Readonly<Record<RefusalsBy, readonly string[]>> = {
  code: ['code', 'enhanced'],
  domain: ['domain'],
  provider: ['provider'],
};
const ALL: readonly string[] = Object.values(COLUMNS).flat();

interface RefusalRow extends Omit<Refusals, 'code' | 'enhanced' | 'provider'> {
  readonly code?: number;
  readonly enhanced?: string;
  readonly provider?: number;
}

function prepareRefusals(db: Database) {
  const where = `from refusals where at >= @from and at < @to
    and ${SAME_OWNER} and (@domain is null or domain = @domain)`;
  const total = db.prepare(`select coalesce(sum(amount), 0) ${where}`).pluck();
  const rows = (columns: readonly string[]) =>
    // With one max, SQLite takes the other bare columns from the row that has it.
    db.prepare(`select ${columns.join(', ')}, sum(amount) as amount, max(last_at) as lastAt,
      last_reason as lastReason ${where} group by ${columns.join(', ')}
      order by amount desc, lastAt desc limit @limit`);
  const all = rows(ALL);
  const by = { code: rows(COLUMNS.code), domain: rows(COLUMNS.domain), provider: rows(COLUMNS.provider) };

  return (how: RefusalsBy | undefined, values: Values, limit: number) => {
    const found = (how === undefined ? all : by[how]).all({ ...values, limit }) as RefusalRow[];
    return { rows: found.map(toRefusals), total: total.get(values) as number };
  };
}

function toRefusals({ code, enhanced, provider, ...same }: RefusalRow): Refusals {
  return {
    ...(code !== undefined && { code: code === 0 ? null : code }),
    ...(enhanced !== undefined && { enhanced: enhanced === '' ? null : enhanced }),
    ...(provider !== undefined && { provider: provider === 0 ? null : provider }),
    ...same,
  };
}

function valuesOf({ from, to, account, provider, domain }: FigureFilter): Values {
  return { from, to, account: account ?? null, provider: provider ?? null, domain: domain ?? null };
}
