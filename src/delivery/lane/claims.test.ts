import { expect, test } from 'vitest';
import { createDeliveryRig } from '../../../test/helpers/delivery-rig.ts';
import { CAPTURE } from '../../../test/helpers/records.ts';
import { NO_LANE } from '../../store/store.ts';
import { createBackgroundWork } from '../background-work.ts';
import { createMemoryBudget } from '../memory-budget.ts';
import { createClaims } from './claims.ts';
import { Lane } from './lane.ts';
import { createQuota } from './provider-quota.ts';

const TRANSPORT = {
  capacity: 4,
  send: () => Promise.reject(new Error('Nothing is sent here.')),
  check: async () => ({ ok: true, stages: [] }),
  close: async () => {},
};

test('what is claimed while its provider is being changed is given back, for another lane to take', async () => {
  const rig = await createDeliveryRig();
  const { queue, nodes, limits } = rig.store;
  const { lease } = await nodes.join({ now: rig.now(), leaseMs: 15_000, host: 'test', pid: 2 });
  const provider = { ...CAPTURE, id: 7 };
  const lane = new Lane(provider, TRANSPORT, createQuota(limits, provider));
  const { id } = await rig.accept(provider.id);
  const window = createMemoryBudget({ messages: 10, bytes: 1_000_000 });
  const room = window.room(provider.id);
  const background = createBackgroundWork(error => rig.errors.push(error));
  const claims = createClaims({
    ...{ window, background, lease, now: rig.now, onClaimed: () => {} },
    queue: {
      ...queue,
      async claim(request) {
        const claimed = await queue.claim(request);
        lane.close();
        return claimed;
      },
    },
    recorder: {
      async giveBack(message, to, dueAt) {
        await queue.release({ id: message.id, lease, lane: to, dueAt });
      },
    },
  });
  claims.claimIfDue(lane);
  await background.ended();

  const waiting = { lane: NO_LANE, lease, now: rig.now(), limit: 10, maxBytes: 1_000_000 };
  expect((await queue.claim(waiting)).messages).toMatchObject([{ id, attempt: 1 }]);
  expect(window.room(provider.id)).toEqual(room);
  expect(rig.errors).toEqual([]);
  await rig.close();
});
