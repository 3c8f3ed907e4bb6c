/**
 * Rows as a VALUES list with parameters: `($1::bigint, $2::text), ($3, $4)`. Their types are said in the first row, which
 * is where PostgreSQL looks; Buffers go as they are, in binary.
 */
export interface ValuesList {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A VALUES list whose parameters begin after `offset` others. There must be one row at least. */
export function valuesList(
  types: readonly string[],
  rows: readonly (readonly unknown[])[],
  offset = 0,
): ValuesList {
  let next = offset;
  const tuples = rows.map((row, i) => {
    const cells = row.map((_, column) => {
      next++;
      return i === 0 ? `$${next}::${types[column]}` : `$${next}`;
    });
    return `(${cells.join(', ')})`;
  });
  return { text: `values ${tuples.join(', ')}`, values: rows.flat() };
}
