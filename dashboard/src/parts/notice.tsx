import type { ReactNode } from 'react';
import { ApiError } from '../data/api.ts';

/** Shown while something is fetched: the shape of what will come. */
export function Loading({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">Loading…</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
        <div className="loading-row" key={row} />
      ))}
    </div>
  );
}

/** Shown where there is nothing, with what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** Shown where something was refused or failed, in the words of the gate. */
export function Failure({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  return (
    <div className="failure" role="alert">
      <p>{wordsOf(error)}</p>
      {error instanceof ApiError && error.problems.length > 1 && (
        <ul>
          {error.problems.map(({ field, message }) => (
            <li key={`${field} ${message}`}>
              <code>{field}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

function wordsOf(error: Error): string {
  if (error instanceof ApiError) return error.message;
  if (error.name === 'TimeoutError') return 'The gate did not answer in time.';
  return 'The gate cannot be reached. Is it running?';
}

interface QueryLike<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

/** Shows what a query found, or that it still looks, or why it failed. */
export function Fetched<T>(props: {
  readonly query: QueryLike<T>;
  /** Lines of what is shown meanwhile. */
  readonly rows?: number;
  readonly children: (data: T) => ReactNode;
}) {
  const { data, error, refetch } = props.query;
  if (data !== undefined) return props.children(data);
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  return props.rows === undefined ? <Loading /> : <Loading rows={props.rows} />;
}
