import { Type } from 'typebox';
import type { Operations } from '../../operations/operations.ts';
import type { BounceReport } from '../../operations/report-operations.ts';
import { type DialectReply, type DialectRequest, type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { present } from '../present.ts';
import { csv } from './csv.ts';
import { FIGURE_PARAMETERS, toFigures } from './overview-routes.ts';
import { readQuery } from './query.ts';
import { TIME_SCHEMA } from './reply-schemas.ts';
import { sayTime } from './time.ts';

const MAX_ROWS = 1_000;
const WAYS = ['code', 'domain', 'provider'] as const;
const PARAMETERS = {
  ...FIGURE_PARAMETERS,
  by: 'A row for each `code`, `domain` or `provider`; absent: for each of the three together',
  limit: `Rows, 1 to ${MAX_ROWS}; absent: 100`,
  format: '`csv` or `json`; absent: as `Accept` says',
};

const ROW_SCHEMA = Type.Object({
  code: Type.Optional(
    Type.Union([Type.Integer(), Type.Null()], { description: 'null: there was no reply, we gave up' }),
  ),
  enhanced: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  domain: Type.Optional(Type.String()),
  provider: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  count: Type.Integer({ description: 'Recipients' }),
  lastAt: TIME_SCHEMA,
  lastReason: Type.String({ description: 'What was said of the newest one' }),
});
const REPORT_SCHEMA = Type.Object({
  from: TIME_SCHEMA,
  to: TIME_SCHEMA,
  by: Type.Optional(Type.Enum([...WAYS])),
  total: Type.Integer({ description: 'Recipients of all rows, also of those beyond the limit' }),
  rows: Type.Array(ROW_SCHEMA),
});

/** Why mail was refused. */
export const bounceRoute: Route = route({
  method: 'GET',
  path: '/v1/reports/bounces',
  access: 'oversee',
  operation: 'bounceReport',
  parse: toReport,
  reply: (report, request) => (wantsCsv(request) ? sayCsv(report) : json(200, sayReport(report))),
  description: {
    tag: 'Overview',
    summary: 'Recipients that ended bounced or failed, by why, where and by whom; most first',
    description: 'By the hour, and kept for 100 days. As JSON or as CSV.',
    query: PARAMETERS,
    replies: { 200: { description: 'The report', schema: REPORT_SCHEMA } },
  },
});

function toReport(request: DialectRequest): Operations['bounceReport']['input'] {
  const query = readQuery(request.query, Object.keys(PARAMETERS));
  const figures = toFigures(query);
  const by = query.oneOf('by', WAYS);
  const limit = query.integer('limit', { min: 1, max: MAX_ROWS }) ?? 100;
  query.oneOf('format', ['csv', 'json']);
  query.end();
  return { ...figures, limit, ...present({ by }) };
}

function wantsCsv({ query, headers }: DialectRequest): boolean {
  const format = query.get('format') || undefined;
  return format === undefined ? /\btext\/csv\b/.test(headers['accept'] ?? '') : format === 'csv';
}

function sayReport({ from, to, by, total, rows }: BounceReport): object {
  return { from: sayTime(from), to: sayTime(to), ...present({ by }), total, rows: rows.map(sayRow) };
}

function sayRow({ amount, lastAt, lastReason, ...same }: BounceReport['rows'][number]) {
  return { ...same, count: amount, lastAt: sayTime(lastAt), lastReason };
}

const COLUMNS: Readonly<Record<(typeof WAYS)[number], readonly string[]>> = {
  code: ['code', 'enhanced'],
  domain: ['domain'],
  provider: ['provider'],
};

function sayCsv({ by, rows }: BounceReport): DialectReply {
  const split = by === undefined ? WAYS.flatMap(way => COLUMNS[way]) : COLUMNS[by];
  const columns = [...split, 'count', 'lastAt', 'lastReason'];
  const lines = rows.map(row => {
    const said: Readonly<Record<string, unknown>> = sayRow(row);
    return columns.map(column => String(said[column] ?? ''));
  });
  return {
    status: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="bounces.csv"',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
    body: csv([columns, ...lines]),
  };
}
