import type { FormEvent } from 'react';
import { providerName, useAccounts, useProviders } from '../data/lists.ts';
import { go, useLocation } from '../route.ts';
import { isMessageId, parseSearch, searchText } from './message-filter.ts';

const STATES = ['queued', 'deferred', 'delivered', 'bounced', 'failed', 'expired', 'cancelled', 'unknown'];
const RANGES: readonly (readonly [string, number])[] = [
  ['Last hour', 3_600_000],
  ['Last 24 hours', 86_400_000],
  ['Last 7 days', 7 * 86_400_000],
  ['Last 30 days', 30 * 86_400_000],
];

/** Sets what is looked for; it is kept in the page's address, so that it can be shared. */
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
            placeholder="Recipient, @domain, words of the subject, or id"
            defaultValue={searchText(query)}
          />
          <button type="submit">Search</button>
        </div>
        <div className="choices">
          <Choice
            label="State"
            value={query['state']}
            any="Any state"
            options={STATES.map(state => [state, state])}
            onChoose={value => choose('state', value)}
          />
          <Choice
            label="Time"
            value={query['range']}
            any="Any time"
            options={RANGES.map(([caption, ms]) => [caption, String(ms)])}
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
            Also <code>from:</code> <code>to:</code> <code>tag:</code> <code>mid:</code> <code>ref:</code>{' '}
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
  /** What choosing nothing is called. */
  readonly any: string;
  /** Caption and value. */
  readonly options: readonly (readonly [string, string])[];
  readonly onChoose: (value: string) => void;
}

/** One of a few, or any. */
export function Choice({ label, value, any, options, onChoose }: ChoiceProps) {
  return (
    <select aria-label={label} value={value ?? ''} onChange={event => onChoose(event.target.value)}>
      <option value="">{any}</option>
      {options.map(([caption, option]) => (
        <option key={option} value={option}>
          {caption}
        </option>
      ))}
    </select>
  );
}
