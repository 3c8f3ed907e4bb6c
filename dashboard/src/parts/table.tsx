import type { ReactNode } from 'react';

export interface TableProps {
  /** What it lists, for screen readers. */
  readonly label: string;
  readonly columns: readonly string[];
  /** Its rows are cards on a phone. */
  readonly hasCards?: boolean;
  /** Rows of `<tr>`. */
  readonly children: ReactNode;
}

/** A table that scrolls sideways where the screen is narrow. */
export function Table({ label, columns, hasCards = false, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-frame" aria-label={`${label}, table`} tabIndex={0}>
      <table className={hasCards ? 'cards' : undefined}>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
