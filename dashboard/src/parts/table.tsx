import { Children, cloneElement, isValidElement, type ReactElement, type ReactNode } from 'react';

export interface TableProps {
  /** Content of the table, for screen readers. */
  readonly label: string;
  readonly columns: readonly string[];
  /** On a phone, its rows have their own card layout. Otherwise a row becomes one line for each column. */
  readonly hasCards?: boolean;
  /** Rows of `<tr>`, a cell for each column. */
  readonly children: ReactNode;
}

/** A table that scrolls sideways on a narrow screen and becomes a list of cards on a phone. */
export function Table({ label, columns, hasCards = false, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable with the keyboard
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
        <tbody>{hasCards ? children : Children.map(children, row => withColumnNames(row, columns))}</tbody>
      </table>
    </section>
  );
}

/** Adds the name of its column to each cell of a row: a phone shows it before the content. */
function withColumnNames(row: ReactNode, columns: readonly string[]): ReactNode {
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
