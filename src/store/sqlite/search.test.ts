import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type HistoricMessage,
  historicMessage,
  RARE_PROVIDER,
  writeLongHistory,
} from '../../../test/helpers/stores/long-history.ts';
import type { MessageFilter } from '../../core/message-view.ts';
import { openReader } from './database.ts';
import { prepareSearch, type Search } from './search.ts';

const MESSAGES = 3_000;
const NOW = Date.UTC(2026, 10, 21);
const ALL = MESSAGES + 1;

describe('a search in slices', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-search-'));
  const path = join(folder, 'store.sqlite');
  let db: ReturnType<typeof openReader>;
  let search: Search;
  beforeAll(() => {
    writeLongHistory(path, { messages: MESSAGES, now: NOW });
    db = openReader(path);
    search = prepareSearch(db);
  });
  afterAll(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });

  const last = historicMessage({ messages: MESSAGES, now: NOW }, MESSAGES - 1);
  const filters: readonly (readonly [MessageFilter, (message: HistoricMessage) => boolean])[] = [
    [{}, () => true],
    [{ state: 'delivered' }, ({ state }) => state === 'delivered'],
    [{ state: 'bounced' }, ({ state }) => state === 'bounced'],
    [{ state: 'deferred' }, ({ state }) => state === 'deferred'],
    [{ provider: 2 }, ({ provider }) => provider === 2],
    [{ provider: RARE_PROVIDER }, ({ provider }) => provider === RARE_PROVIDER],
    [{ words: ['order'], provider: RARE_PROVIDER + 1 }, () => false],
    [{ tag: last.tag }, ({ tag }) => tag === last.tag],
    [
      { tag: last.tag, account: last.account, state: 'failed' },
      ({ tag, account, state }) => tag === last.tag && account === last.account && state === 'failed',
    ],
    [{ words: ['7'] }, () => false],
    [{ since: last.at - 3_600_000, until: last.at }, ({ at }) => at >= last.at - 3_600_000 && at < last.at],
  ];

  test.each(filters)('finds the same as at one go: %o', (filter, isWanted) => {
    const expected = Array.from({ length: MESSAGES }, (_, i) => MESSAGES - 1 - i)
      .map(place => historicMessage({ messages: MESSAGES, now: NOW }, place))
      .filter(isWanted)
      .map(message => message.id);
    for (const width of [ALL, 700, 64]) expect(inSlices(filter, width)).toEqual(expected);
  });

  test('stops within a slice once it has enough, and then says nothing of what is older', () => {
    const slice = search({ state: 'delivered' }, undefined, 5, 64);
    expect(slice.ids).toHaveLength(5);
    expect(slice).not.toHaveProperty('lookedTo');
  });

  test('looks at nothing but its own messages for a provider that was hardly used', () => {
    const { ids, lookedTo } = search({ provider: RARE_PROVIDER, tag: last.tag }, undefined, 5, 10);
    expect(ids.length).toBeLessThanOrEqual(1);
    expect(lookedTo).toBeUndefined();
  });

  function inSlices(filter: MessageFilter, width: number): readonly bigint[] {
    const found: bigint[] = [];
    let before: bigint | undefined;
    do {
      const { ids, lookedTo } = search(filter, before, ALL, width);
      found.push(...ids);
      before = lookedTo;
    } while (before !== undefined);
    return found;
  }
});
