/**
 * Rows as a select with parameters, an array for each column: `select … from unnest($1::bigint[], $2::text[])`. So the
 * server parses and plans the same few words however many rows there are. Buffers go one by one, in binary.
 */
export interface ValuesList {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A list whose parameters begin after `offset` others. There must be one row at least. */
export function valuesList(
  types: readonly string[],
  rows: readonly (readonly unknown[])[],
  offset = 0,
): ValuesList {
  const values: unknown[] = [];
  const next = (value: unknown) => `$${offset + values.push(value)}`;
  const columns = types.map((type, i) => {
    const cells = rows.map(row => row[i]);
    if (type === 'bytea') return `array[${cells.map(next).join(', ')}]::bytea[]`;
    return `${next(arrayLiteral(cells))}::${isArray(type) ? 'text' : type}[]`;
  });
  const names = types.map((_, i) => `c${i}`);
  // Arrays in an array would come out as one, so they are texts until then.
  const selected = types.map((type, i) => (isArray(type) ? `c${i}::${type}` : `c${i}`));
  return {
    text: `select ${selected.join(', ')} from unnest(${columns.join(', ')}) as v (${names.join(', ')})`,
    values,
  };
}

function isArray(type: string): boolean {
  return type.endsWith('[]');
}

/** An array as PostgreSQL reads it, https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO; arrays in it as texts. */
export function arrayLiteral(items: readonly unknown[]): string {
  return `{${items.map(elementLiteral).join(',')}}`;
}

function elementLiteral(item: unknown): string {
  if (item === null || item === undefined) return 'NULL';
  if (typeof item === 'number' || typeof item === 'bigint' || typeof item === 'boolean') return String(item);
  const text = Array.isArray(item) ? arrayLiteral(item) : String(item);
  return `"${NEEDS_ESCAPE.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;
}

const NEEDS_ESCAPE = /["\\]/;
