import { expect, it } from 'vitest';
import { HOUR_MS } from '../../../test/helpers/stores/store-message.ts';
import { rigOpener } from '../../../test/helpers/stores/store-rig.ts';
import { createSqliteHarness } from '../../../test/helpers/stores/store-sqlite.ts';
import { newAccount } from '../../core/account.ts';
import type { MessageId } from '../../core/message.ts';
import { createMessageActionHandlers } from './message-actions.ts';

const openRig = rigOpener(createSqliteHarness);
const OPERATOR = {
  account: newAccount({ id: 1, name: 'default', allowedSenders: ['*'], createdAt: 0 }),
  scopes: ['operate'],
  by: 1,
} as const;

it('a bulk cancel reaches every message of its page, at most 100 at the same time', async () => {
  const rig = await openRig();
  await Promise.all(Array.from({ length: 450 }, () => rig.accept()));
  let inProgress = 0;
  let maxInProgress = 0;
  const cancel = async (request: { readonly id: MessageId; readonly now: number }) => {
    inProgress += 1;
    maxInProgress = Math.max(maxInProgress, inProgress);
    try {
      return await rig.store.queue.cancel(request);
    } finally {
      inProgress -= 1;
    }
  };
  const { bulk } = createMessageActionHandlers({
    store: { ...rig.store, queue: { ...rig.store.queue, cancel } },
    retention: { deliveredBodyMs: HOUR_MS, otherBodyMs: HOUR_MS, eventMs: HOUR_MS },
    development: false,
    submit: () => expect.fail('Nothing is submitted.'),
    expiryMs: HOUR_MS,
    newToken: () => 'token',
    now: rig.now,
    onRetried: () => {},
  });
  const request = { action: 'cancel', filter: {}, dryRun: false } as const;
  expect(await bulk(OPERATOR, request, new AbortController().signal)).toEqual({ done: 450, skipped: 0 });
  expect(maxInProgress).toBeLessThanOrEqual(100);
});
