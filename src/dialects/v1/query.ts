import { collectProblems, type Problems } from './problems.ts';
import { readTime } from './time.ts';

/** Reads the parameters of a query; an unknown one is refused, since a misspelt filter would show everything. */
export interface QueryReader {
  text(name: string): string | undefined;
  integer(name: string, range: { readonly min: number; readonly max: number }): number | undefined;
  time(name: string): number | undefined;
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined;
  refuse(name: string, message: string): void;
  /** Throws `invalid` with everything that was wrong; call it last. */
  end(): void;
}

export function readQuery(query: URLSearchParams, known: readonly string[]): QueryReader {
  const problems: Problems = collectProblems();
  for (const name of new Set(query.keys())) {
    if (!known.includes(name)) problems.add(name, 'unknown parameter');
    else if (query.getAll(name).length > 1) problems.add(name, 'is given more than once');
    else if (query.get(name)?.includes('\0')) problems.add(name, 'must not hold NUL');
  }
  const text = (name: string) => query.get(name) || undefined;
  return {
    text,
    integer(name, { min, max }) {
      const given = text(name);
      if (given === undefined) return undefined;
      const value = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
      if (value >= min && value <= max) return value;
      problems.add(name, `must be a whole number from ${min} to ${max}`);
      return undefined;
    },
    time(name) {
      const given = text(name);
      return given === undefined ? undefined : readTime(given, name, problems);
    },
    oneOf(name, values) {
      const given = text(name);
      const value = values.find(one => one === given);
      if (given !== undefined && value === undefined)
        problems.add(name, `must be one of ${values.join(', ')}`);
      return value;
    },
    refuse: (name, message) => problems.add(name, message),
    end: () => problems.throwIfAny(),
  };
}
