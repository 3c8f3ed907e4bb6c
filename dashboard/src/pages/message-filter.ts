/** Prefixes in the search field, such as `tag:`, and the filter that each one sets. */
const PREFIXES: Readonly<Record<string, string>> = {
  to: 'recipient',
  from: 'sender',
  tag: 'tag',
  mid: 'mid',
  ref: 'referenceId',
  campaign: 'campaignId',
};
const OTHERS = ['state', 'provider', 'account', 'since', 'until', 'words'] as const;
const FIELDS: readonly string[] = [...Object.values(PREFIXES), ...OTHERS];

type Filter = Readonly<Record<string, string>>;

/** The filter for the API from the query of a page. `range`, in ms, becomes a start time before now. */
export function filterOf(query: Filter, now = Date.now()): Filter {
  const fields = Object.entries(query).filter(([name, value]) => FIELDS.includes(name) && value !== '');
  const rangeMs = Number(query['range'] ?? Number.NaN);
  // Rounded to minutes, so that the query key does not change with each render.
  const since = Number.isFinite(rangeMs) ? Math.floor((now - rangeMs) / 60_000) * 60_000 : undefined;
  return {
    ...Object.fromEntries(fields),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
  };
}

/** Parses a search text, such as `from:shop@example.com tag:order hello`, or just an address. */
export function parseSearch(text: string): Filter {
  const filter: Record<string, string> = {};
  const words: string[] = [];
  for (const word of text.split(/\s+/).filter(part => part !== '')) {
    const [, name = '', value = ''] = /^(\w+):(.+)$/.exec(word) ?? [];
    const field = PREFIXES[name.toLowerCase()];
    if (field !== undefined) filter[field] = value;
    else if (isAddress(word) && filter['recipient'] === undefined) filter['recipient'] = word;
    else words.push(word);
  }
  return words.length === 0 ? filter : { ...filter, words: words.join(' ') };
}

/** The search text of a filter; `parseSearch` reads it back. */
export function searchText(query: Filter): string {
  const terms = Object.entries(PREFIXES).flatMap(([name, field]) => {
    const value = query[field];
    if (value === undefined) return [];
    return [field === 'recipient' && isAddress(value) ? value : `${name}:${value}`];
  });
  return [...terms, ...(query['words'] === undefined ? [] : [query['words']])].join(' ');
}

/** Returns true if a text has the form of a message id. The search then opens the message. */
export function isMessageId(text: string): boolean {
  return /^[0-9a-z]{13}$/.test(text) && /\d/.test(text);
}

function isAddress(text: string): boolean {
  return /^[^\s@]*@[^\s@]+$/.test(text);
}
