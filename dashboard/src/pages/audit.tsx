import { useInfiniteQuery } from '@tanstack/react-query';
import { call, withQuery } from '../data/api.ts';
import type { AuditEntry } from '../data/shapes.ts';
import { Empty, Failure, Loading } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { StateLabel } from '../parts/state-label.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { go, useLocation } from '../route.ts';
import { Choice } from './message-search.tsx';

const KINDS: readonly (readonly [string, string])[] = [
  ['Providers', 'provider'],
  ['Accounts', 'account'],
  ['Keys', 'key'],
  ['Users', 'user'],
  ['Temporary addresses', 'tempMail'],
  ['Messages', 'messages'],
  ['Encryption key', 'secrets'],
];
/** Kinds whose label is not the word of the API. */
const KIND_LABELS: Readonly<Record<string, string>> = { tempMail: 'temp-mail', secrets: 'encryption key' };
/** With more changed fields than this, the list is collapsed. */
const SHOWN_CHANGES = 3;

interface AuditPart {
  readonly entries: readonly AuditEntry[];
  readonly next: string | null;
}

/** The audit log: each configuration change with its author, its time, and the old and new values. */
export function AuditPage() {
  const { kind } = useLocation().query;
  const log = useInfiniteQuery({
    queryKey: ['audit', kind],
    queryFn: ({ pageParam }) => call<AuditPart>('GET', withQuery('/v1/audit', { kind, cursor: pageParam })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next ?? undefined,
  });
  const entries = log.data?.pages.flatMap(page => page.entries) ?? [];
  return (
    <Page title="Audit log">
      <div className="choices">
        <Choice
          label="Type of change"
          value={kind}
          any="All changes"
          options={KINDS}
          onChoose={value => go('audit', { kind: value })}
        />
      </div>
      {log.error !== null && <Failure error={log.error} onRetry={() => void log.refetch()} />}
      {log.isPending && <Loading />}
      {log.data !== undefined && entries.length === 0 && <Empty title="No changes yet" />}
      {entries.length > 0 && (
        <Table label="Changes" columns={['Time', 'Changed by', 'Action', 'Changes']}>
          {entries.map(entry => (
            <tr key={entry.id}>
              <td>
                <Time at={entry.at} />
              </td>
              <td>{entry.by}</td>
              <td className="wide">
                <StateLabel state="calm">{entry.action}</StateLabel> {KIND_LABELS[entry.kind] ?? entry.kind}{' '}
                <strong>{entry.name}</strong>
              </td>
              <td className="wide">
                <Changes entry={entry} />
              </td>
            </tr>
          ))}
        </Table>
      )}
      {log.hasNextPage && (
        <p className="more">
          <button type="button" disabled={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            Show older
          </button>
        </p>
      )}
    </Page>
  );
}

function Changes({ entry }: { readonly entry: AuditEntry }) {
  const changed = Object.entries(entry.changes).filter(
    ([, [before, after]]) => (before ?? after ?? null) !== null,
  );
  const list = (
    <ul className="changes">
      {changed.map(([field, [before, after]]) => (
        <li key={field}>
          <code>{field}</code>: {textOf(before)} → {textOf(after)}
        </li>
      ))}
    </ul>
  );
  if (changed.length <= SHOWN_CHANGES) return list;
  return (
    <details>
      <summary>{changed.length} fields</summary>
      {list}
    </details>
  );
}

function textOf(value: unknown): string {
  return value === null || value === undefined
    ? '–'
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}
