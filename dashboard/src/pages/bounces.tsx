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
const GROUPINGS: readonly (readonly [string, string])[] = [
  ['By code', 'code'],
  ['By domain', 'domain'],
  ['By provider', 'provider'],
];

/** Permanently refused recipients by reply code, domain and provider. */
export function BouncesPage() {
  const { query } = useLocation();
  const rangeMs = Number(query['range']) || DAY_MS;
  // Rounded to minutes, so that the query key does not change with each render.
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
          label="Period"
          value={query['range']}
          any="Last 24 hours"
          options={RANGES}
          onChoose={range => go('bounces', { ...query, range })}
        />
        <Choice
          label="Group by"
          value={query['by']}
          any="By all columns"
          options={GROUPINGS}
          onChoose={by => go('bounces', { ...query, by })}
        />
      </div>
      <Fetched query={report}>{({ total, rows }) => <Rows total={total} rows={rows} />}</Fetched>
    </Page>
  );
}

function Rows({ total, rows }: { readonly total: number; readonly rows: readonly BounceRow[] }) {
  const nameOf = useProviderName();
  if (rows.length === 0) return <Empty title="No bounces in this period" />;
  return (
    <>
      <p className="quiet-text">{total.toLocaleString()} recipients in total</p>
      <Table
        label="Bounces"
        columns={['Recipients', 'Code', 'Domain', 'Provider', 'Last response', 'Last bounce']}
      >
        {rows.map(row => (
          <tr key={`${row.code} ${row.enhanced} ${row.domain} ${row.provider}`}>
            <td className="figures">{row.count.toLocaleString()}</td>
            <td className="figures">{codeText(row)}</td>
            <td>{row.domain ?? 'All'}</td>
            <td>{row.provider === undefined ? 'All' : nameOf(row.provider)}</td>
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
  if (code === undefined) return 'All';
  return code === null ? 'No reply' : `${code} ${enhanced ?? ''}`;
}
