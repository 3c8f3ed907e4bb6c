import type { FormEvent } from 'react';
import { providerName, useAccounts, useProviderName, useProviders } from '../data/lists.ts';
import { useLiveOverview } from '../data/overview.ts';
import type { Counts, Overview } from '../data/shapes.ts';
import { stateLabel } from '../labels.ts';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { StateLabel } from '../parts/state-label.tsx';
import { Table } from '../parts/table.tsx';
import { duration, Time } from '../parts/time.tsx';
import { go, to, useLocation } from '../route.ts';
import { Chart } from './chart.tsx';
import { HealthLabel } from './health-label.tsx';
import { LimitMeters } from './limit-meters.tsx';
import { Choice } from './message-search.tsx';

const DAY_MS = 86_400_000;
const RANGES: readonly (readonly [string, string])[] = [
  ['Last hour', String(3_600_000)],
  ['Last 6 hours', String(6 * 3_600_000)],
  ['Last 7 days', String(7 * DAY_MS)],
  ['Last 30 days', String(30 * DAY_MS)],
  ['Last 90 days', String(90 * DAY_MS)],
];

/** The status of the gate: results over time, the queue, and the health of the providers. */
export function OverviewPage() {
  const { query } = useLocation();
  const { provider, account, domain } = query;
  const rangeMs = Math.min(Number(query['range']) || DAY_MS, 90 * DAY_MS);
  const { overview, isLost } = useLiveOverview({
    rangeMs,
    ...(provider && { provider }),
    ...(account && { account }),
    ...(domain && { domain }),
  });
  return (
    <Page
      title="Overview"
      actions={
        <span role="status">
          <StateLabel state={isLost ? 'deferred' : 'up'}>{isLost ? 'Reconnecting…' : 'Live'}</StateLabel>
        </span>
      }
    >
      <Choices />
      {overview === undefined ? (
        isLost ? (
          <Empty title="The gate does not respond. Trying to reconnect…" />
        ) : (
          <Loading />
        )
      ) : (
        <Figures overview={overview} />
      )}
    </Page>
  );
}

function Choices() {
  const { query } = useLocation();
  const { data: providers = [] } = useProviders();
  const { data: accounts = [] } = useAccounts();
  const choose = (name: string, value: string) => go('overview', { ...query, [name]: value });
  const chooseDomain = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    choose('domain', String(new FormData(event.currentTarget).get('domain') ?? '').trim());
  };
  return (
    <form className="choices" onSubmit={chooseDomain}>
      <Choice
        label="Period"
        value={query['range']}
        any="Last 24 hours"
        options={RANGES}
        onChoose={value => choose('range', value)}
      />
      <Choice
        label="Provider"
        value={query['provider']}
        any="All providers"
        options={providers.map(each => [providerName(each), String(each.id)])}
        onChoose={value => choose('provider', value)}
      />
      <Choice
        label="Account"
        value={query['account']}
        any="All accounts"
        options={accounts.map(({ id, name }) => [name, String(id)])}
        onChoose={value => choose('account', value)}
      />
      <input
        name="domain"
        aria-label="Recipient domain"
        placeholder="Recipient domain"
        defaultValue={query['domain']}
      />
    </form>
  );
}

function Figures({ overview }: { readonly overview: Overview }) {
  const { totals, timeToDelivery } = overview;
  const isSingle = useIsSingleProvider();
  const queued = overview.queue.reduce((sum, lane) => sum + lane.waiting, 0);
  const oldest = overview.queue.flatMap(lane => lane.oldestDueAt ?? []).toSorted()[0];
  return (
    <>
      <dl className="tiles">
        {!isSingle && <Tile name="Accepted" value={count(totals.accepted)} />}
        <Tile name="Delivered" value={count(totals.delivered)} tone="good" />
        <Tile name="Deferred" value={count(totals.deferred)} tone="warn" />
        <Tile name="Bounced" value={count(totals.bounced)} tone="bad" />
        <Tile name="Failed or expired" value={count(totals.failed + totals.expired)} tone="bad" />
        <Tile
          name={oldest === undefined ? 'Queued' : `Queued · oldest ${ageOf(oldest)} overdue`}
          value={count(queued)}
        />
        <Tile name="Median delivery time" value={milliseconds(timeToDelivery.p50Ms)} />
        <Tile name="99th percentile" value={milliseconds(timeToDelivery.p99Ms)} />
      </dl>
      <section className="card" aria-labelledby="over-time">
        <h2 id="over-time">Recipients over time</h2>
        {isSingle && (
          <p className="hint">
            Accepted recipients are not shown for a single provider, because a message gets its provider when
            it is sent.
          </p>
        )}
        <Chart buckets={overview.buckets} stepMs={overview.stepMs} hasAccepted={!isSingle} />
        <NumbersTable overview={overview} />
      </section>
      <Health overview={overview} />
    </>
  );
}

/** Returns true if a provider is selected. Accepted messages have no provider yet, so they cannot be counted for it. */
function useIsSingleProvider(): boolean {
  return Boolean(useLocation().query['provider']);
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly tone?: 'good' | 'warn' | 'bad';
}

function Tile({ name, value, tone }: TileProps) {
  return (
    <div className={tone === undefined ? 'tile' : `tile tile-${tone}`}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const COLUMNS: readonly (keyof Counts)[] = [
  'accepted',
  'delivered',
  'deferred',
  'bounced',
  'failed',
  'expired',
];

/** The numbers of the chart as a table, also for screen readers. */
function NumbersTable({ overview }: { readonly overview: Overview }) {
  const isSingle = useIsSingleProvider();
  const columns = isSingle ? COLUMNS.filter(column => column !== 'accepted') : COLUMNS;
  const busy = overview.buckets.filter(bucket => COLUMNS.some(column => bucket[column] > 0)).toReversed();
  return (
    <details>
      <summary>Show as table</summary>
      <Table label="Recipients over time" columns={['From', ...columns.map(stateLabel)]}>
        {busy.map(bucket => (
          <tr key={bucket.at}>
            <td>
              <Time at={bucket.at} />
            </td>
            {columns.map(column => (
              <td key={column} className="figures">
                {count(bucket[column])}
              </td>
            ))}
          </tr>
        ))}
      </Table>
    </details>
  );
}

function Health({ overview }: { readonly overview: Overview }) {
  const nameOf = useProviderName();
  const unserved = overview.queue.find(({ provider }) => provider === null);
  return (
    <section className="stack" aria-labelledby="health">
      <h2 id="health">Providers</h2>
      {unserved !== undefined && unserved.waiting > 0 && (
        <p className="why">
          {count(unserved.waiting)} queued messages have no matching provider.{' '}
          <a href={to('providers')}>Check the providers</a>
        </p>
      )}
      {overview.providers.length === 0 ? (
        <Empty title="No providers yet">
          <p>
            Messages stay in the queue until you add one. <a href={to('providers')}>Add provider</a>
          </p>
        </Empty>
      ) : (
        <Table label="Providers" columns={['Health', 'Provider', 'Queued', 'Sending', 'Limits used']}>
          {overview.providers.map(provider => (
            <tr key={provider.id}>
              <td>
                <HealthLabel provider={provider} />
              </td>
              <td>{nameOf(provider.id)}</td>
              <td className="figures">
                {count(overview.queue.find(lane => lane.provider === provider.id)?.waiting ?? 0)}
              </td>
              <td className="figures">{provider.active}</td>
              <td>
                <LimitMeters limits={provider.limits} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function ageOf(at: string): string {
  return duration(Math.max(0, Date.now() - Date.parse(at)));
}

function count(value: number): string {
  return value.toLocaleString();
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : duration(value);
}
