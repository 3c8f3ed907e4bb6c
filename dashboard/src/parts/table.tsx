import type { ReactNode } from 'react';

export interface TableProps {
  /** What it lists, for screen readers. */
  readonly label: string;
  readonly columns: readonly string[];
  /** Rows of `<tr>`. */
  readonly children: ReactNode;
}

/** A table that scrolls sideways where the screen is narrow. */
export function Table({ label, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-frame" aria-label={label} tabIndex={0}>
      <table>
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
