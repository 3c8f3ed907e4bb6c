import { Type } from 'typebox';
import type { FigureQuery, Overview } from '../../operations/report-operations.ts';
import { type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { present } from '../present.ts';
import { type QueryReader, readQuery } from './query.ts';
import { readDomain } from './query-domain.ts';
import { TIME_SCHEMA } from './reply-schemas.ts';
import { sayTime } from './time.ts';

const tag = 'Overview';
const MAX_ID = 2 ** 31;

/** The query parameters of figures, with what they do. */
export const FIGURE_PARAMETERS = {
  from: 'Figures from this time on; absent: from a day before `to`',
  to: 'Until this time; absent: now. At most 91 days in all',
  account: 'Id of an account',
  provider: 'Id of a provider',
  domain: 'Domain of the recipients',
};
const { to: _, ...STREAM_PARAMETERS } = FIGURE_PARAMETERS;

const COUNTS = Type.Object({
  ...{ accepted: Type.Integer(), delivered: Type.Integer(), deferred: Type.Integer() },
  ...{ bounced: Type.Integer(), failed: Type.Integer(), expired: Type.Integer() },
  ...{ cancelled: Type.Integer(), unknown: Type.Integer() },
});
const NULLABLE_ID = Type.Union([Type.Integer(), Type.Null()]);
const NULLABLE_MS = Type.Union([Type.Integer(), Type.Null()]);
const OVERVIEW_SCHEMA = Type.Object({
  from: TIME_SCHEMA,
  to: TIME_SCHEMA,
  stepMs: Type.Integer({
    description: 'A minute up to 6 hours, an hour up to 14 days or with `domain`, else a day',
  }),
  buckets: Type.Array(Type.Object({ at: TIME_SCHEMA, ...COUNTS.properties })),
  totals: COUNTS,
  timeToDelivery: Type.Object({ p50Ms: NULLABLE_MS, p99Ms: NULLABLE_MS, count: Type.Integer() }),
  queue: Type.Array(
    Type.Object({
      provider: NULLABLE_ID,
      waiting: Type.Integer(),
      oldestDueAt: Type.Optional(TIME_SCHEMA),
    }),
  ),
  providers: Type.Array(
    Type.Object({
      id: Type.Integer(),
      caption: Type.Union([Type.String(), Type.Null()]),
      kind: Type.Enum(['smtp', 'pickup', 'capture']),
      isEnabled: Type.Boolean(),
      isPaused: Type.Boolean(),
      health: Type.Enum(['up', 'open', 'probing', 'disabled', 'paused']),
      openUntil: Type.Optional(TIME_SCHEMA),
      active: Type.Integer({ description: 'Attempts under way' }),
      limits: Type.Array(
        Type.Object({
          window: Type.Enum(['second', 'minute', 'hour', 'day']),
          max: Type.Integer(),
          left: Type.Integer(),
        }),
      ),
    }),
  ),
});

/** How the gate does. */
export const overviewRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/overview',
    access: 'oversee',
    operation: 'overview',
    parse: request => {
      const query = readQuery(request.query, Object.keys(FIGURE_PARAMETERS));
      const figures = toFigures(query);
      query.end();
      return figures;
    },
    reply: overview => json(200, sayOverview(overview)),
    description: {
      tag,
      summary: 'What happened to recipients over time, what waits, and how the providers do',
      description: 'Figures are a few seconds behind. What was accepted has no provider yet.',
      query: FIGURE_PARAMETERS,
      replies: { 200: { description: 'The overview', schema: OVERVIEW_SCHEMA } },
    },
  }),
  route({
    method: 'GET',
    path: '/v1/overview/stream',
    access: 'oversee',
    operation: 'overviewStream',
    parse: request => {
      const query = readQuery(request.query, Object.keys(STREAM_PARAMETERS));
      const { to: _to, ...figures } = toFigures(query);
      query.end();
      return figures;
    },
    reply: overviews => ({
      status: 200,
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        // Proxies that hold replies back are told not to.
        'x-accel-buffering': 'no',
      },
      body: serverSentEvents(overviews),
    }),
    description: {
      tag,
      summary: 'The same, live',
      description:
        'Server-sent events `overview`: at once, and when it changed, every 2 seconds at most. Ends after 5 minutes, to be asked for again.',
      query: STREAM_PARAMETERS,
      replies: { 200: { description: 'A text/event-stream whose data is as of `/v1/overview`' } },
    },
  }),
];

/** Which figures a query asks for. */
export function toFigures(query: QueryReader): FigureQuery {
  return present({
    from: query.time('from'),
    to: query.time('to'),
    account: query.integer('account', { min: 1, max: MAX_ID }),
    provider: query.integer('provider', { min: 1, max: MAX_ID }),
    domain: readDomain(query),
  });
}

async function* serverSentEvents(overviews: AsyncIterable<Overview | undefined>): AsyncIterable<string> {
  for await (const overview of overviews) {
    yield overview === undefined
      ? ': nothing new\n\n'
      : `event: overview\ndata: ${JSON.stringify(sayOverview(overview))}\n\n`;
  }
}

function sayOverview({ from, to, buckets, queue, providers, ...same }: Overview): object {
  return {
    from: sayTime(from),
    to: sayTime(to),
    ...same,
    buckets: buckets.map(({ at, ...counts }) => ({ at: sayTime(at), ...counts })),
    queue: queue.map(({ oldestDueAt, ...lane }) => ({
      ...lane,
      ...(oldestDueAt !== undefined && { oldestDueAt: sayTime(oldestDueAt) }),
    })),
    providers: providers.map(({ openUntil, ...provider }) => ({
      ...provider,
      ...(openUntil !== undefined && { openUntil: sayTime(openUntil) }),
    })),
  };
}
