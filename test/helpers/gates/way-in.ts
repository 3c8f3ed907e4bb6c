import { newAccount, type Principal } from '../../../src/core/account.ts';
import { createIds } from '../../../src/core/id.ts';
import { createSubmit, type DirectDelivery, type Submit } from '../../../src/submit/submit.ts';
import { CAPTURE } from '../stores/records.ts';
import { HOUR_MS } from '../stores/store-message.ts';
import type { StoreRig } from '../stores/store-rig.ts';

/** Nothing is delivered: what is accepted waits in lane 1 until the test claims it. */
const standingStill: DirectDelivery = {
  reserve: () => false,
  deliver: () => {},
  release: () => {},
  noteStored: () => {},
  firstOutcome: async () => 'queued',
};

const POLICY = {
  maxRecipients: 100,
  maxMessageBytes: 1024 * 1024,
  expiryMs: 72 * HOUR_MS,
  maxExpiryMs: 120 * HOUR_MS,
  maxScheduleMs: 720 * HOUR_MS,
};

/** Who submits in these tests. */
export const principal: Principal = {
  account: newAccount({ id: 1, name: 'default', allowedSenders: ['*'], createdAt: 0 }),
  scopes: ['send'],
  by: 'keyless',
};

/** The way in, the real one, to the store of a rig; its clock is the rig's. */
export function createWayIn({ store, now }: Pick<StoreRig, 'store' | 'now'>): Submit {
  let tokens = 0;
  return createSubmit({
    store,
    delivery: standingStill,
    lease: 1,
    providers: () => [{ ...CAPTURE, id: 1 }],
    policy: POLICY,
    newId: createIds(7, now),
    newToken: () => `token${String(++tokens).padStart(8, '0')}`,
    now,
    onAccepted: () => {},
  });
}
