import {
  type FigureFilter,
  type Refusals,
  type RefusalsBy,
  type Reports,
  STEP_MS,
  type Traffic,
} from '../reports.ts';
import type { Database, Sql } from './database.ts';

const SAME_OWNER = '($3::integer is null or account = $3) and ($4::integer is null or provider = $4)';

const TRAFFIC = `select at, type, slot, sum(amount)::bigint as amount from traffic
  where at >= $1 and at < $2 and ${SAME_OWNER} and step = $5 group by at, type, slot`;
// The time comes first in the key: one look for every hour, however many other domains there are.
const OF_DOMAIN = `select t.at - t.at % $6 as at, type, slot, sum(amount)::bigint as amount
  from generate_series(
    greatest($1::bigint + ${STEP_MS.hour - 1}, (select min(at) from domain_traffic)) / ${STEP_MS.hour} * ${STEP_MS.hour},
    $2::bigint - 1, ${STEP_MS.hour}) as hours (hour)
  cross join lateral (select * from domain_traffic where at = hour and domain = $5 and ${SAME_OWNER} offset 0) as t
  group by 1, type, slot`;

interface TrafficRow extends Omit<Traffic, 'at' | 'amount'> {
  readonly at: bigint;
  readonly amount: bigint;
}

/** The figures that are kept of what happened. */
export function createReports(db: Database): Reports {
  return {
    async traffic({ step, domain, ...filter }) {
      const values = [...valuesOf(filter)];
      const rows =
        domain === undefined
          ? await db.rows<TrafficRow>(TRAFFIC, [...values, step])
          : await db.rows<TrafficRow>(OF_DOMAIN, [...values, domain, STEP_MS[step]]);
      return rows.map(({ at, type, slot, amount }) => ({
        at: Number(at),
        type,
        slot,
        amount: Number(amount),
      }));
    },
    refusals: ({ by, limit, ...filter }) => refusals(db, by, filter, limit),
  };
}

const COLUMNS: Readonly<Record<RefusalsBy, readonly string[]>> = {
  code: ['code', 'enhanced'],
  domain: ['domain'],
  provider: ['provider'],
};
const ALL: readonly string[] = Object.values(COLUMNS).flat();
const REFUSALS = `from refusals where at >= $1 and at < $2 and ${SAME_OWNER} and ($5::text is null or domain = $5)`;

interface RefusalRow {
  readonly code?: number;
  readonly enhanced?: string;
  readonly domain?: string;
  readonly provider?: number;
  readonly amount: bigint;
  readonly last_at: bigint;
  readonly last_reason: string;
}

async function refusals(
  sql: Sql,
  by: RefusalsBy | undefined,
  filter: FigureFilter,
  limit: number,
): ReturnType<Reports['refusals']> {
  const columns = (by === undefined ? ALL : COLUMNS[by]).join(', ');
  const values = [...valuesOf(filter), filter.domain ?? null];
  const rows = await sql.rows<RefusalRow>(
    `select ${columns}, sum(amount)::bigint as amount, max(last_at) as last_at,
      (array_agg(last_reason order by last_at desc))[1] as last_reason
      ${REFUSALS} group by ${columns} order by amount desc, last_at desc limit $6`,
    [...values, limit],
  );
  const [all] = await sql.rows<{ total: bigint }>(
    `select coalesce(sum(amount), 0)::bigint as total ${REFUSALS}`,
    values,
  );
  return { rows: rows.map(refusalsOf), total: Number(all?.total ?? 0) };
}

function refusalsOf({
  code,
  enhanced,
  domain,
  provider,
  amount,
  last_at,
  last_reason,
}: RefusalRow): Refusals {
  return {
    ...(code !== undefined && { code: code === 0 ? null : code }),
    ...(enhanced !== undefined && { enhanced: enhanced === '' ? null : enhanced }),
    ...(domain !== undefined && { domain }),
    ...(provider !== undefined && { provider: provider === 0 ? null : provider }),
    ...{ amount: Number(amount), lastAt: Number(last_at), lastReason: last_reason },
  };
}

function valuesOf({ from, to, account, provider }: FigureFilter): readonly unknown[] {
  return [from, to, account ?? null, provider ?? null];
}
