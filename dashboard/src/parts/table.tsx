import { Children, cloneElement, isValidElement, type ReactElement, type ReactNode } from 'react';

export interface TableProps {
  /** What it lists, for screen readers. */
  readonly label: string;
  readonly columns: readonly string[];
  /** Its rows have a shape of their own on a phone; else each becomes a card of named lines there. */
  readonly hasCards?: boolean;
  /** Rows of `<tr>`, a cell for each column. */
  readonly children: ReactNode;
}

/** A table that scrolls sideways where the screen is narrow, and is a list of cards on a phone. */
export function Table({ label, columns, hasCards = false, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-frame" aria-label={`${label}, table`} tabIndex={0}>
      <table className={hasCards ? 'cards' : 'lines'}>
        <thead>
          <tr>
            {columns.map(column => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{hasCards ? children : Children.map(children, row => withNames(row, columns))}</tbody>
      </table>
    </section>
  );
}

/** The row with each cell knowing the name of its column, which a phone shows in front of it. */
function withNames(row: ReactNode, columns: readonly string[]): ReactNode {
  if (!isValidElement<{ children?: ReactNode }>(row)) return row;
  const cells = Children.toArray(row.props.children).map((cell, index) =>
    isValidElement(cell)
      ? cloneElement(cell as ReactElement<{ 'data-column'?: string | undefined }>, {
          'data-column': columns[index],
        })
      : cell,
  );
  return cloneElement(row, {}, cells);
}
