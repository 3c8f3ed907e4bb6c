import type { FormEvent } from 'react';
import { providerName, useAccounts, useProviders } from '../data/lists.ts';
import { fullStateLabel } from '../labels.ts';
import { go, useLocation } from '../route.ts';
import { isMessageId, parseSearch, searchText } from './message-filter.ts';

const STATES = ['queued', 'deferred', 'delivered', 'bounced', 'failed', 'expired', 'cancelled', 'unknown'];
const RANGES: readonly (readonly [string, number])[] = [
  ['Last hour', 3_600_000],
  ['Last 24 hours', 86_400_000],
  ['Last 7 days', 7 * 86_400_000],
  ['Last 30 days', 30 * 86_400_000],
];

/** The search form. Its values are in the URL of the page, so that users can share a search. */
export function MessageSearch() {
  const { query } = useLocation();
  const { data: providers = [] } = useProviders();
  const { data: accounts = [] } = useAccounts();
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('search') ?? '').trim();
    if (isMessageId(text)) return go(`messages/${text}`);
    const { state, provider, account, range } = query;
    go('messages', { state, provider, account, range, ...parseSearch(text) });
  };
  const choose = (name: string, value: string) => go('messages', { ...query, [name]: value });
  return (
    <form className="search" onSubmit={search} key={searchText(query)}>
      <search>
        <div className="search-line">
          <input
            type="search"
            name="search"
            aria-label="Search messages"
            aria-describedby="search-hint"
            placeholder="Recipient, @domain, subject or message ID"
            defaultValue={searchText(query)}
          />
          <button type="submit">Search</button>
        </div>
        <div className="choices">
          <Choice
            label="State"
            value={query['state']}
            any="Any state"
            options={STATES.map(state => [fullStateLabel(state), state])}
            onChoose={value => choose('state', value)}
          />
          <Choice
            label="Period"
            value={query['range']}
            any="Any time"
            options={RANGES.map(([label, ms]) => [label, String(ms)])}
            onChoose={value => choose('range', value)}
          />
          <Choice
            label="Provider"
            value={query['provider']}
            any="Any provider"
            options={providers.map(provider => [providerName(provider), String(provider.id)])}
            onChoose={value => choose('provider', value)}
          />
          <Choice
            label="Account"
            value={query['account']}
            any="Any account"
            options={accounts.map(({ id, name }) => [name, String(id)])}
            onChoose={value => choose('account', value)}
          />
          <p id="search-hint" className="hint">
            Filters: <code>from:</code> <code>to:</code> <code>tag:</code> <code>mid:</code> <code>ref:</code>{' '}
            <code>campaign:</code>
          </p>
        </div>
      </search>
    </form>
  );
}

export interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  /** Label of the empty choice. */
  readonly any: string;
  /** Label and value of each option. */
  readonly options: readonly (readonly [string, string])[];
  readonly onChoose: (value: string) => void;
}

/** A drop-down list with an empty choice. */
export function Choice({ label, value, any, options, onChoose }: ChoiceProps) {
  return (
    <select aria-label={label} value={value ?? ''} onChange={event => onChoose(event.target.value)}>
      <option value="">{any}</option>
      {options.map(([text, option]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}
