import type { Problem } from '../../core/errors.ts';
import { type Parsed, refuse } from '../../core/parsed.ts';
import type { PublicProvider } from '../../core/provider.ts';
import { throwProblems } from './problems.ts';
import { type ProviderObject, toProviderObject } from './provider-object.ts';
import { integer, oneOf, type ValueReader, yesNo } from './values.ts';

const DEFAULT_LIMIT = 20;
const SORTABLE = [
  'id',
  'caption',
  'driver',
  'host',
  'port',
  'username',
  'sendFrom',
  'sendFromName',
  'encryption',
  'isEnabled',
  'createTime',
  'updateTime',
  'priority',
  'weight',
  'kind',
] as const;

/** The query of a list request. */
export interface ListQuery {
  readonly limit: number;
  readonly offset: number;
  readonly sortBy: (typeof SORTABLE)[number];
  readonly order: 'asc' | 'desc';
  /** Undefined: enabled and disabled providers. */
  readonly isEnabled: boolean | undefined;
}

/** Reads the query of a list. Throws all problems together. Unknown parameters are ignored, except filters. */
export function readListQuery(query: URLSearchParams): ListQuery {
  const problems: Problem[] = [];
  function read<T>(name: string, reader: ValueReader<T>): T | undefined {
    const text = query.get(name) || undefined;
    if (text === undefined) return undefined;
    const parsed: Parsed<T> =
      query.getAll(name).length === 1 ? reader(text) : refuse('is given more than once');
    if (parsed.ok) return parsed.value;
    problems.push({ field: name, message: parsed.reason });
    return undefined;
  }
  const list = {
    limit: read('limit', integer(1, 100)) ?? DEFAULT_LIMIT,
    offset: read('offset', integer(0, Number.MAX_SAFE_INTEGER)) ?? 0,
    sortBy: read('sort_by', oneOf(SORTABLE)) ?? 'id',
    order: read('sort_order', oneOf(['asc', 'desc'])) ?? 'asc',
    isEnabled: read('filter[isEnabled]', yesNo),
  };
  for (const name of new Set(query.keys())) {
    if (!name.startsWith('filter') || name === 'filter[isEnabled]') continue;
    // An unknown filter must not be ignored: the reply would contain all providers.
    problems.push({ field: name, message: 'is not a filter: use filter[isEnabled]' });
  }
  throwProblems(problems);
  return list;
}

/** The requested page, and the number of providers on all pages. */
export function pageOf(
  providers: readonly PublicProvider[],
  { limit, offset, sortBy, order, isEnabled }: ListQuery,
): { readonly items: readonly ProviderObject[]; readonly total: number } {
  const direction = order === 'asc' ? 1 : -1;
  const matching = providers
    .filter(provider => isEnabled === undefined || provider.isEnabled === isEnabled)
    .map(toProviderObject)
    .toSorted((a, b) => direction * compare(a[sortBy], b[sortBy]) || compare(a['id'], b['id']));
  return { items: matching.slice(offset, offset + limit), total: matching.length };
}

/** Null sorts first. */
function compare(a: ProviderObject[string] | undefined, b: ProviderObject[string] | undefined): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  return a < b ? -1 : 1;
}
