import { useQuery } from '@tanstack/react-query';
import { call, withQuery } from '../data/api.ts';
import { useProviderName } from '../data/lists.ts';
import type { BounceRow } from '../data/shapes.ts';
import { Empty, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { go, useLocation } from '../route.ts';
import { Choice } from './message-search.tsx';

const DAY_MS = 86_400_000;
const RANGES: readonly (readonly [string, string])[] = [
  ['Last 7 days', String(7 * DAY_MS)],
  ['Last 30 days', String(30 * DAY_MS)],
  ['Last 90 days', String(90 * DAY_MS)],
];
const WAYS: readonly (readonly [string, string])[] = [
  ['By code', 'code'],
  ['By domain', 'domain'],
  ['By provider', 'provider'],
];

/** What was refused for good, why and by whom. */
export function BouncesPage() {
  const { query } = useLocation();
  const rangeMs = Number(query['range']) || DAY_MS;
  // Whole minutes, so that the same question stays the same for a while.
  const from = new Date(Math.floor((Date.now() - rangeMs) / 60_000) * 60_000).toISOString();
  const values = { from, by: query['by'] };
  const report = useQuery({
    queryKey: ['bounces', values],
    queryFn: () =>
      call<{ total: number; rows: BounceRow[] }>('GET', withQuery('/v1/reports/bounces', values)),
  });
  return (
    <Page
      title="Bounces"
      actions={
        <a
          className="button"
          href={withQuery('/v1/reports/bounces', { ...values, format: 'csv' })}
          download="bounces.csv"
        >
          Export as CSV
        </a>
      }
    >
      <div className="choices">
        <Choice
          label="Time"
          value={query['range']}
          any="Last 24 hours"
          options={RANGES}
          onChoose={range => go('bounces', { ...query, range })}
        />
        <Choice
          label="Split"
          value={query['by']}
          any="By code, domain and provider"
          options={WAYS}
          onChoose={by => go('bounces', { ...query, by })}
        />
      </div>
      <Fetched query={report}>{({ total, rows }) => <Rows total={total} rows={rows} />}</Fetched>
    </Page>
  );
}

function Rows({ total, rows }: { readonly total: number; readonly rows: readonly BounceRow[] }) {
  const nameOf = useProviderName();
  if (rows.length === 0) return <Empty title="Nothing bounced in this time" />;
  return (
    <>
      <p className="quiet-text">{total.toLocaleString()} recipients in all</p>
      <Table label="Bounces" columns={['Recipients', 'Code', 'Domain', 'Provider', 'Last reason', 'Last']}>
        {rows.map(row => (
          <tr key={`${row.code} ${row.enhanced} ${row.domain} ${row.provider}`}>
            <td className="figures">{row.count.toLocaleString()}</td>
            <td className="figures">{codeText(row)}</td>
            <td>{row.domain ?? 'all'}</td>
            <td>{row.provider === undefined ? 'all' : nameOf(row.provider)}</td>
            <td className="wide">{row.lastReason}</td>
            <td>
              <Time at={row.lastAt} />
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function codeText({ code, enhanced }: BounceRow): string {
  if (code === undefined) return 'all';
  return code === null ? 'no reply' : `${code} ${enhanced ?? ''}`;
}
