/**
 * Rows as a select with parameters, an array for each column: `select … from unnest($1::bigint[], $2::text[])`. So the
 * words are the same however many rows there are, and the server parses and plans them once. Buffers go as one, in
 * binary, with where each begins and how long it is.
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
  const lists: string[] = [];
  const names: string[] = [];
  const unnested = (name: string, type: string, cells: readonly unknown[]) => {
    lists.push(`${next(arrayLiteral(cells))}::${type}[]`);
    names.push(name);
    return name;
  };
  const selected = types.map((type, i) => {
    const cells = rows.map(row => row[i]);
    if (type !== 'bytea') {
      // Arrays in an array would come out as one, so they are texts until then.
      const name = unnested(`c${i}`, isArray(type) ? 'text' : type, cells);
      return isArray(type) ? `${name}::${type}` : name;
    }
    const { bytes, starts, lengths } = joined(cells as readonly Buffer[]);
    const from = unnested(`from${i}`, 'integer', starts);
    const length = unnested(`length${i}`, 'integer', lengths);
    return `substring(${next(bytes)}::bytea from ${from} for ${length})`;
  });
  return {
    text: `select ${selected.join(', ')} from unnest(${lists.join(', ')}) as v (${names.join(', ')})`,
    values,
  };
}

/** Places count from 1, as in SQL. */
function joined(buffers: readonly Buffer[]) {
  const lengths = buffers.map(({ length }) => length);
  let end = 0;
  const starts = lengths.map(length => {
    end += length;
    return end - length + 1;
  });
  return { bytes: Buffer.concat(buffers), starts, lengths };
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
