import { hostname } from 'node:os';
import { isListedHost } from '../config/host-list.ts';
import { createGuardedDialer } from '../net/guard.ts';
import { watchPickup } from '../pickup/pickup.ts';
import { webhookSecretRow } from '../services/accounts/accounts.ts';
import { createNotices } from '../services/notices/notices.ts';
import { createWebhooks } from '../services/webhooks/webhooks.ts';
import type { Submit } from '../submit/submit.ts';
import { now } from './clock-and-randomness.ts';
import type { Resources } from './resources.ts';

/** Jobs that run beside the APIs and delivery. */
export interface BackgroundJobs {
  /** Stops reading files and sending notices and webhooks. The next start continues where they stopped. */
  stop(): Promise<void>;
}

/** The ways in whose senders learn of a failure only from a bounce message. */
const NOTICED: ReadonlySet<string> = new Set(['smtp', 'pickup']);
/** Size limit of one `x-receiver` line in a pickup file. A pickup file has the message and one such line per recipient. */
const ENVELOPE_LINE_BYTES = 300;

/** Watches the pickup directory if one is configured, sends bounce messages, and posts webhooks. */
export async function startBackgroundJobs(resources: Resources, { submit }: Submit): Promise<BackgroundJobs> {
  const pickup = await startPickup(resources, submit);
  const { store, log, leaseRenewal } = resources;
  const { history, registry } = store;
  const notices = createNotices({
    ...{ history, registry, submit, log: log.logger, isActive: leaseRenewal.isLeader },
    hostName: hostname(),
    dialects: NOTICED,
  });
  const webhooks = startWebhooks(resources);
  return {
    async stop() {
      await Promise.all([webhooks.stop(), notices.stop(), pickup?.stop()]);
    },
  };
}

async function startPickup({ config, keyring, log }: Resources, submit: Submit['submit']) {
  const { directory, account } = config.pickup;
  if (directory === undefined) return undefined;
  const { maxMessageBytes, maxRecipients } = config.limits;
  return watchPickup({
    directory,
    submit,
    principal: () => keyring.keyless(account),
    maxBytes: maxMessageBytes + maxRecipients * ENVELOPE_LINE_BYTES,
    hostName: hostname(),
    now,
    log: log.logger,
  });
}

function startWebhooks({ config, store, sealing, log, leaseRenewal }: Resources) {
  const { history, registry } = store;
  const allows = (host: string) => isListedHost(config.webhooks.allowHosts, host);
  return createWebhooks({
    ...{ history, registry, now, log: log.logger, isActive: leaseRenewal.isLeader },
    openSecret: (account, { sealedSecret }) => sealing.open(sealedSecret, webhookSecretRow(account)),
    dial: createGuardedDialer({ allows }),
    allowsHttp: allows,
    random: Math.random,
  });
}
