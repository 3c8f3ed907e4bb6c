import type { FormEvent } from 'react';
import { providerName, useAccounts, useProviderName, useProviders } from '../data/lists.ts';
import { useLiveOverview } from '../data/overview.ts';
import type { Counts, Overview } from '../data/shapes.ts';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { StateWord } from '../parts/state-word.tsx';
import { Table } from '../parts/table.tsx';
import { duration, Time } from '../parts/time.tsx';
import { go, to, useLocation } from '../route.ts';
import { Chart } from './chart.tsx';
import { HealthWord } from './health-word.tsx';
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

/** How the gate does: what came of mail over time, what waits, and how the providers are. */
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
          <StateWord state={isLost ? 'deferred' : 'up'}>{isLost ? 'reconnecting…' : 'live'}</StateWord>
        </span>
      }
    >
      <Choices />
      {overview === undefined ? (
        isLost ? (
          <Empty title="The gate does not answer; trying again" />
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
        label="Time"
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
        aria-label="Domain of the recipients"
        placeholder="Domain of recipients"
        defaultValue={query['domain']}
      />
    </form>
  );
}

function Figures({ overview }: { readonly overview: Overview }) {
  const { totals, timeToDelivery } = overview;
  const isOfOne = useIsOfOneProvider();
  const waiting = overview.queue.reduce((sum, lane) => sum + lane.waiting, 0);
  const oldest = overview.queue.flatMap(lane => lane.oldestDueAt ?? []).toSorted()[0];
  return (
    <>
      <dl className="tiles">
        {!isOfOne && <Tile name="Accepted" value={count(totals.accepted)} />}
        <Tile name="Delivered" value={count(totals.delivered)} tone="good" />
        <Tile name="Deferred" value={count(totals.deferred)} tone="warn" />
        <Tile name="Bounced" value={count(totals.bounced)} tone="bad" />
        <Tile name="Failed" value={count(totals.failed + totals.expired)} tone="bad" />
        <Tile
          name={oldest === undefined ? 'Waiting' : `Waiting, due for ${ageOf(oldest)}`}
          value={count(waiting)}
        />
        <Tile name="Half within" value={milliseconds(timeToDelivery.p50Ms)} />
        <Tile name="99 % within" value={milliseconds(timeToDelivery.p99Ms)} />
      </dl>
      <section className="card" aria-labelledby="over-time">
        <h2 id="over-time">Recipients over time</h2>
        {isOfOne && (
          <p className="hint">
            What was accepted is not shown: mail gets its provider later, when it is sent.
          </p>
        )}
        <Chart buckets={overview.buckets} stepMs={overview.stepMs} hasAccepted={!isOfOne} />
        <Numbers overview={overview} />
      </section>
      <Health overview={overview} />
    </>
  );
}

/** Mail that comes in belongs to no provider yet, so of one there is nothing accepted. */
function useIsOfOneProvider(): boolean {
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

/** The chart in numbers, for whoever does not see it. */
function Numbers({ overview }: { readonly overview: Overview }) {
  const isOfOne = useIsOfOneProvider();
  const columns = isOfOne ? COLUMNS.filter(column => column !== 'accepted') : COLUMNS;
  const busy = overview.buckets.filter(bucket => COLUMNS.some(column => bucket[column] > 0)).toReversed();
  return (
    <details>
      <summary>In numbers</summary>
      <Table label="Recipients over time" columns={['From', ...columns]}>
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
          {count(unserved.waiting)} recipients wait for a provider that serves them.{' '}
          <a href={to('providers')}>See the providers</a>
        </p>
      )}
      {overview.providers.length === 0 ? (
        <Empty title="No provider yet">
          <p>
            Mail waits until there is one. <a href={to('providers')}>Add a provider</a>
          </p>
        </Empty>
      ) : (
        <Table label="Providers" columns={['Health', 'Provider', 'Waiting', 'Sending', 'Limits in use']}>
          {overview.providers.map(provider => (
            <tr key={provider.id}>
              <td>
                <HealthWord provider={provider} />
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
