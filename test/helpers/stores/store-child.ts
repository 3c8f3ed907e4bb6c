import { createIds } from '../../../src/core/id.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { CHILD_BUDGET } from './store-child-budget.ts';
import { newMessage } from './store-message.ts';

// A process to be killed: accepts mail into the SQLite file it is given, leased and charged, notes every second message
// as sent, and prints what it acknowledges, a JSON line each, until it is stopped.

const [path = ''] = process.argv.slice(2);
const store = await openStore(`sqlite:${path}`, { now: Date.now, maxQueued: 100_000, minFreeBytes: 0 });
const { lease, node } = await store.nodes.join({
  now: Date.now(),
  leaseMs: 15_000,
  host: 'child',
  pid: process.pid,
});
const newId = createIds(node, Date.now);

for (let count = 0; count < 50_000; count++) {
  const charges = [{ kind: 'budget', budget: CHILD_BUDGET, amount: 1 }] as const;
  const message = { ...newMessage(newId(), Date.now()), lease, charges };
  const { kind } = await store.queue.enqueue(message);
  if (kind !== 'accepted') throw new Error(`The message was not accepted: ${kind}.`);
  const isSent = count % 2 === 0;
  if (isSent) {
    await store.nodes.journal.dot({ id: message.id, attempt: 1, provider: 1, indexes: [0], refused: [] });
  }
  process.stdout.write(`${JSON.stringify({ id: message.id, isSent })}\n`);
}
