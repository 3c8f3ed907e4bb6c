import type { Address } from '../../../src/core/address.ts';
import type { Budget } from '../../../src/core/budget.ts';
import type { MessageView } from '../../../src/core/message-view.ts';
import type { AuditEntry } from '../../../src/store/audit.ts';
import type { RecordKind } from '../../../src/store/registry.ts';
import type { Store } from '../../../src/store/store.ts';

const KINDS: readonly RecordKind[] = ['provider', 'account', 'key', 'tempMail', 'user', 'session', 'sealing'];
const STEPS = ['minute', 'hour', 'day'] as const;
const ALL = { limit: 10_000, offset: 0 };

/** What to ask for by name, since no list has it. */
export interface SnapshotNames {
  readonly readers: readonly string[];
  readonly counters: readonly string[];
  readonly words: readonly string[];
  readonly now: number;
}

/** Everything that a store says of itself through its port. */
export async function snapshotOf(store: Store, names: SnapshotNames) {
  const messages = await allMessages(store);
  return {
    records: Object.fromEntries(
      await Promise.all(KINDS.map(async kind => [kind, await store.registry.list(kind)] as const)),
    ),
    messages,
    attempts: await Promise.all(messages.map(({ id }) => store.history.attempts(id))),
    bodies: await Promise.all(messages.map(({ id }) => store.history.body(id))),
    events: await store.history.events({ after: '0', limit: 100_000 }),
    newest: await store.history.newest(),
    cursors: await Promise.all(names.readers.map(reader => store.history.cursor(reader))),
    depth: await store.queue.depth(),
    left: await Promise.all(
      names.counters.map(counter => store.limits.left({ budgets: [wholeOf(counter)], now: names.now })),
    ),
    found: await Promise.all(
      names.words.map(async word => (await store.history.list({ words: [word] }, { limit: 100 })).items),
    ),
    traffic: await Promise.all(
      STEPS.map(async step => {
        const rows = await store.reports.traffic({ step, from: 0, to: names.now });
        return rows.map(row => JSON.stringify(row, Object.keys(row).sort())).sort();
      }),
    ),
    refusals: await store.reports.refusals({ from: 0, to: names.now, limit: 100 }),
    audit: await allAudit(store),
    ...(await tempMail(store)),
  };
}

/** A budget in which all buckets of a counter count. */
function wholeOf(counter: string): Budget {
  return { counter, bucket: 2 ** 50, oldest: 0, bucketMs: 0, expiresAt: 2 ** 50, max: 2 ** 40 };
}

async function allMessages(store: Store): Promise<readonly MessageView[]> {
  const all: MessageView[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await store.history.list({}, { limit: 100, ...(cursor && { cursor }) });
    all.push(...items);
    if (next === undefined) return all;
    cursor = next;
  }
}

async function allAudit(store: Store): Promise<readonly AuditEntry[]> {
  return (await store.audit.list({ limit: 1_000 })).items;
}

async function tempMail({ addresses }: Store) {
  const { items } = await addresses.list(ALL);
  const sentBy = (address: Address) => addresses.sentItems({ address, ...ALL });
  return {
    addresses: items,
    balances: await addresses.balances(ALL),
    sentItems: await Promise.all(items.map(({ address }) => sentBy(address))),
  };
}
