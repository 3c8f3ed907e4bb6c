import { hostname } from 'node:os';
import { isListedHost } from '../config/host-list.ts';
import { createGuardedDialer } from '../net/guard.ts';
import { watchPickup } from '../pickup/pickup.ts';
import { sealedRowOfWebhook } from '../services/accounts/accounts.ts';
import { createNotices } from '../services/notices/notices.ts';
import { createWebhooks } from '../services/webhooks/webhooks.ts';
import type { Submit } from '../submit/submit.ts';
import { now } from './clock-and-randomness.ts';
import type { Foundation } from './resources.ts';

/** What runs beside the APIs and delivery. */
export interface BackgroundJobs {
  /** Takes in nothing more and tells nobody anything more; what is left of both is done after the next start. */
  stop(): Promise<void>;
}

/** Their senders have no other way to hear that mail failed. */
const NOTICED: ReadonlySet<string> = new Set(['smtp', 'pickup']);
/** A pickup file is a message and its orders, a line for each recipient. */
const ORDER_BYTES = 300;

/** Watches the pickup directory where there is one, tells senders of failures, and posts webhooks. */
export async function startBackground(foundation: Foundation, { submit }: Submit): Promise<BackgroundJobs> {
  const pickup = await startPickup(foundation, submit);
  const { store, log, keeper } = foundation;
  const { history, registry } = store;
  const notices = createNotices({
    ...{ history, registry, submit, log: log.logger, isOurs: keeper.isLeader },
    hostName: hostname(),
    dialects: NOTICED,
  });
  const webhooks = startWebhooks(foundation);
  return {
    async stop() {
      await Promise.all([webhooks.stop(), notices.stop(), pickup?.stop()]);
    },
  };
}

async function startPickup({ config, keyring, log }: Foundation, submit: Submit['submit']) {
  const { directory, account } = config.pickup;
  if (directory === undefined) return undefined;
  const { maxMessageBytes, maxRecipients } = config.limits;
  return watchPickup({
    directory,
    submit,
    principal: () => keyring.keyless(account),
    maxBytes: maxMessageBytes + maxRecipients * ORDER_BYTES,
    hostName: hostname(),
    now,
    log: log.logger,
  });
}

function startWebhooks({ config, store, sealing, log, keeper }: Foundation) {
  const { history, registry } = store;
  const allows = (host: string) => isListedHost(config.webhooks.allowHosts, host);
  return createWebhooks({
    ...{ history, registry, now, log: log.logger, isOurs: keeper.isLeader },
    openSecret: (account, { sealedSecret }) => sealing.open(sealedSecret, sealedRowOfWebhook(account)),
    dial: createGuardedDialer({ allows }),
    allowsHttp: allows,
    random: Math.random,
  });
}
