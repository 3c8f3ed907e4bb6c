import { expect, test } from 'vitest';
import { createDeliveryRig } from '../../../test/helpers/gates/delivery-rig.ts';
import { CAPTURE } from '../../../test/helpers/stores/records.ts';
import { NO_LANE } from '../../store/store.ts';
import { createFirstOutcomes } from '../first-outcomes.ts';
import { createMemoryBudget } from '../memory-budget.ts';
import { createResultWriter } from '../result-writer.ts';
import { claimDue } from './claims.ts';
import { Lane } from './lane.ts';
import { createQuota } from './provider-quota.ts';

const TRANSPORT = {
  capacity: 4,
  send: () => Promise.reject(new Error('Nothing is sent here.')),
  check: async () => ({ ok: true, stages: [] }),
  close: async () => {},
};

test('a message that is claimed while its provider changes returns to the store, for another lane', async () => {
  const rig = await createDeliveryRig();
  const { queue, nodes, limits } = rig.store;
  const { lease } = await nodes.join({ now: rig.now(), leaseMs: 15_000, host: 'test', pid: 2 });
  const provider = { ...CAPTURE, id: 7 };
  const lane = new Lane(provider, TRANSPORT, createQuota(limits, provider));
  const { id } = await rig.accept(provider.id);
  const memory = createMemoryBudget({ messages: 10, bytes: 1_000_000 });
  const room = memory.available(provider.id);
  const results = createResultWriter({
    ...{ queue, lease, outcomes: createFirstOutcomes(), signal: new AbortController().signal },
  });
  const closingQueue: typeof queue = {
    ...queue,
    async claim(request) {
      const claimed = await queue.claim(request);
      lane.close();
      return claimed;
    },
  };
  await claimDue({ queue: closingQueue, lease, memory, results, now: rig.now }, lane);

  const waiting = { lane: NO_LANE, lease, now: rig.now(), limit: 10, maxBytes: 1_000_000 };
  expect((await queue.claim(waiting)).messages).toMatchObject([{ id, attempt: 1 }]);
  expect(memory.available(provider.id)).toEqual(room);
  expect(lane.readyCount).toBe(0);
  expect(rig.errors).toEqual([]);
  await rig.close();
});
