import { DETAIL_KEPT_MS, KEPT_MS } from '../reports.ts';
import { type Fact, tallyRefusals, tallyTraffic } from '../statistics.ts';
import type { Sql } from './database.ts';

/** Adds what happened to the figures, within the transaction that moves the mark of what was read. */
export async function addFigures(sql: Sql, facts: readonly Fact[]): Promise<void> {
  const traffic = tallyTraffic(facts);
  const all = traffic.filter(({ domain }) => domain === '');
  const ofDomains = traffic.filter(({ domain }) => domain !== '');
  await addRows(
    sql,
    TRAFFIC,
    all.map(row => [row.step, ...trafficRow(row)]),
  );
  await addRows(
    sql,
    OF_DOMAIN,
    ofDomains.map(row => [row.domain, ...trafficRow(row)]),
  );
  const refusals = tallyRefusals(facts);
  await addRows(
    sql,
    REFUSALS,
    refusals.map(row => [
      ...[row.at, row.account, row.provider, row.domain, row.code, row.enhanced],
      ...[row.amount, row.lastAt, row.lastReason],
    ]),
  );
}

/** Where the figures lie that are to go, and since when they are kept. */
export const OLD_FIGURES = [
  ...(['minute', 'hour', 'day'] as const).map(step => ({
    table: 'traffic',
    time: `step = '${step}' and at`,
    keptMs: KEPT_MS[step],
  })),
  { table: 'domain_traffic', time: 'at', keptMs: DETAIL_KEPT_MS },
  { table: 'refusals', time: 'at', keptMs: DETAIL_KEPT_MS },
] as const;

type Row = readonly (string | number)[];

interface Table {
  readonly name: string;
  /** With their types; those of the key come first. */
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly keyLength: number;
  readonly onConflict: string;
}

const AMOUNT = 'amount = t.amount + excluded.amount';
const OWNER = [
  ['account', 'integer'],
  ['provider', 'integer'],
] as const;
const WHAT = [
  ['at', 'bigint'],
  ...OWNER,
  ['type', 'text'],
  ['slot', 'smallint'],
  ['amount', 'bigint'],
] as const;
const TRAFFIC: Table = {
  ...{ name: 'traffic', columns: [['step', 'text'], ...WHAT] },
  ...{ keyLength: 6, onConflict: AMOUNT },
};
const OF_DOMAIN: Table = {
  ...{ name: 'domain_traffic', columns: [['domain', 'text'], ...WHAT] },
  ...{ keyLength: 6, onConflict: AMOUNT },
};
const REFUSALS: Table = {
  name: 'refusals',
  columns: [
    ...[['at', 'bigint'] as const, ...OWNER],
    ...([
      ['domain', 'text'],
      ['code', 'integer'],
      ['enhanced', 'text'],
      ['amount', 'bigint'],
    ] as const),
    ...([
      ['last_at', 'bigint'],
      ['last_reason', 'text'],
    ] as const),
  ],
  ...{
    keyLength: 6,
    onConflict: `${AMOUNT}, last_at = excluded.last_at, last_reason = excluded.last_reason`,
  },
};

function trafficRow(row: {
  at: number;
  account: number;
  provider: number;
  type: string;
  slot: number;
  amount: number;
}): Row {
  return [row.at, row.account, row.provider, row.type, row.slot, row.amount];
}

/** A parameter for each column: there may be more rows than a statement has parameters. */
async function addRows(
  sql: Sql,
  { name, columns, keyLength, onConflict }: Table,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = columns.map(([column]) => column);
  const arrays = columns.map(([_, type], i) => `$${i + 1}::${type}[]`);
  await sql.change(
    `insert into ${name} as t (${names.join(', ')}) select * from unnest(${arrays.join(', ')})
      on conflict (${names.slice(0, keyLength).join(', ')}) do update set ${onConflict}`,
    columns.map((_, i) => rows.map(row => row[i])),
  );
}
