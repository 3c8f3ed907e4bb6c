/** Words before a colon in the search field, and the filters they stand for. */
const TERMS: Readonly<Record<string, string>> = {
  to: 'recipient',
  from: 'sender',
  tag: 'tag',
  mid: 'mid',
  ref: 'referenceId',
  campaign: 'campaignId',
};
const OTHERS = ['state', 'provider', 'account', 'since', 'until', 'words'] as const;
const FIELDS: readonly string[] = [...Object.values(TERMS), ...OTHERS];

type Filter = Readonly<Record<string, string>>;

/** What a page's query asks for, as the API wants it; a `range` counts back from now. */
export function filterOf(query: Filter, now = Date.now()): Filter {
  const fields = Object.entries(query).filter(([name, value]) => FIELDS.includes(name) && value !== '');
  const rangeMs = Number(query['range'] ?? Number.NaN);
  // Whole minutes, so that the same question stays the same for a while.
  const since = Number.isFinite(rangeMs) ? Math.floor((now - rangeMs) / 60_000) * 60_000 : undefined;
  return {
    ...Object.fromEntries(fields),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
  };
}

/** The filters that a search text means: `from:shop@example.com tag:order hello` or just an address. */
export function parseSearch(text: string): Filter {
  const filter: Record<string, string> = {};
  const words: string[] = [];
  for (const word of text.split(/\s+/).filter(part => part !== '')) {
    const [, name = '', value = ''] = /^(\w+):(.+)$/.exec(word) ?? [];
    const field = TERMS[name.toLowerCase()];
    if (field !== undefined) filter[field] = value;
    else if (isAddress(word) && filter['recipient'] === undefined) filter['recipient'] = word;
    else words.push(word);
  }
  return words.length === 0 ? filter : { ...filter, words: words.join(' ') };
}

/** The search text for filters: what `parseSearch` would read back. */
export function searchText(query: Filter): string {
  const terms = Object.entries(TERMS).flatMap(([name, field]) => {
    const value = query[field];
    if (value === undefined) return [];
    return [field === 'recipient' && isAddress(value) ? value : `${name}:${value}`];
  });
  return [...terms, ...(query['words'] === undefined ? [] : [query['words']])].join(' ');
}

/** Whether a text is the id of a message, which is looked up at once. */
export function isMessageId(text: string): boolean {
  return /^[0-9a-z]{13}$/.test(text) && /\d/.test(text);
}

function isAddress(text: string): boolean {
  return /^[^\s@]*@[^\s@]+$/.test(text);
}
