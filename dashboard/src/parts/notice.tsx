import type { ReactNode } from 'react';
import { ApiError } from '../data/api.ts';

/** A placeholder while data is loading. */
export function Loading({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">Loading…</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are identical and never move
        <div className="loading-row" key={row} />
      ))}
    </div>
  );
}

/** Shown instead of an empty list, with a suggestion what to do. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** An error, with the message of the gate. */
export function Failure({ error, onRetry }: { readonly error: Error; readonly onRetry?: () => void }) {
  return (
    <div className="failure" role="alert">
      <p>{messageOf(error)}</p>
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

function messageOf(error: Error): string {
  if (error instanceof ApiError) return error.message;
  if (error.name === 'TimeoutError') return 'The gate did not respond in time.';
  return 'The gate cannot be reached. Is it running?';
}

interface QueryLike<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

/** Shows the result of a query, a placeholder while it is loading, or its error. */
export function Fetched<T>(props: {
  readonly query: QueryLike<T>;
  /** Lines of the placeholder. */
  readonly rows?: number;
  readonly children: (data: T) => ReactNode;
}) {
  const { data, error, refetch } = props.query;
  if (data !== undefined) return props.children(data);
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />;
  return props.rows === undefined ? <Loading /> : <Loading rows={props.rows} />;
}
