import { isDeepStrictEqual } from 'node:util';
import type { Account, Webhook } from '../../core/account.ts';
import type { AccountId } from '../../core/message.ts';
import { deleteReaderPosition, type Follower, type FollowOptions } from '../../events/follow-events.ts';
import { createSemaphore } from '../../events/semaphore.ts';
import type { Dial } from '../../net/dial.ts';
import type { Logger } from '../../process/log.ts';
import type { Registry } from '../../store/registry.ts';
import { startWebhookSender, type WebhookSenderContext, webhookReader } from './webhook-sender.ts';

export interface WebhooksContext {
  readonly history: FollowOptions['history'];
  readonly registry: Pick<Registry, 'list' | 'change' | 'onChange'>;
  /** Returns the secret of an account's webhook in clear, `whsec_…`. */
  readonly openSecret: (account: AccountId, webhook: Webhook) => string;
  /** Opens all connections. It must refuse internal addresses, because accounts choose the URLs. */
  readonly dial: Dial;
  /** Returns true if the configuration allows `http:` to this host. */
  readonly allowsHttp: (host: string) => boolean;
  /** PEM of the certificate authorities to trust; absent: those of the system. */
  readonly ca?: string;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Logger;
  /** Returns true if this node posts the events; absent: it does. */
  readonly isActive?: () => boolean;
  /** The longest time of one request; absent: 15 s. */
  readonly timeoutMs?: number;
  /** The waits between attempts; absent: from 1 s to 1 h. */
  readonly backoffMs?: readonly number[];
}

export interface Webhooks {
  /** Stops all senders. A request in progress is repeated after the next start. */
  stop(): Promise<void>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const BACKOFF_MS = [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR];
const TIMEOUT_MS = 15 * SECOND;
const MAX_AGE_MS = 72 * HOUR;
/** Requests in progress at the same time, for all accounts together. */
const MAX_POSTS = 32;

interface Running {
  readonly webhook: Webhook;
  readonly sender: Follower;
}

/** Posts the events of each account with a webhook, signed by Standard Webhooks. Accounts do not wait for each other. */
export function createWebhooks(context: WebhooksContext): Webhooks {
  const { history, registry, log } = context;
  const shared = sharedContext(context);
  const running = new Map<AccountId, Running>();
  let isStopped = false;
  let work: Promise<void> = Promise.resolve();

  /** Starts and stops senders until they match the accounts. `work` lets only one call run at a time. */
  async function reconcile(): Promise<void> {
    if (isStopped) return;
    const accounts = await registry.list('account');
    const known = new Set(accounts.map(({ id }) => id));
    for (const id of [...running.keys()]) if (!known.has(id)) await stopSender(id);
    for (const account of accounts) {
      // An error with one webhook, such as a secret that does not open, must not stop the others.
      await reconcileOne(account).catch(error => {
        log.error({ err: error, account: account.id }, 'the webhook of an account cannot be started');
      });
    }
  }

  async function reconcileOne({ id, isEnabled, webhook }: Account): Promise<void> {
    const wanted = isEnabled ? webhook : null;
    if (isDeepStrictEqual(running.get(id)?.webhook ?? null, wanted)) {
      if (webhook === null) await deleteReaderPosition(history, webhookReader(id));
      return;
    }
    await stopSender(id);
    if (webhook === null) await deleteReaderPosition(history, webhookReader(id));
    if (wanted === null) return;
    const secret = context.openSecret(id, wanted);
    const onGone = () => remove(id, wanted);
    running.set(id, {
      webhook: wanted,
      sender: startWebhookSender(shared, { account: id, webhook: wanted, secret, onGone }),
    });
  }

  async function stopSender(id: AccountId): Promise<void> {
    const found = running.get(id);
    running.delete(id);
    await found?.sender.stop();
  }

  /** Keeps the webhook if its URL has changed meanwhile. */
  async function remove(id: AccountId, gone: Webhook): Promise<void> {
    await registry.change('account', id, account => {
      return account.webhook?.url === gone.url ? { ...account, webhook: null } : account;
    });
  }

  function scheduleReconcile(): void {
    work = work.then(reconcile).catch(error => log.error({ err: error }, 'webhooks could not be updated'));
  }

  const stopListening = registry.onChange(kind => kind === 'account' && scheduleReconcile());
  scheduleReconcile();
  return {
    async stop() {
      isStopped = true;
      stopListening();
      await work;
      await Promise.all([...running.keys()].map(stopSender));
    },
  };
}

function sharedContext(context: WebhooksContext): WebhookSenderContext {
  const { history, dial, allowsHttp, ca, now, random, log, isActive } = context;
  const { timeoutMs = TIMEOUT_MS, backoffMs = BACKOFF_MS } = context;
  return {
    history,
    clientOptions: { dial, allowsHttp, timeoutMs, ...(ca !== undefined && { ca }) },
    semaphore: createSemaphore(MAX_POSTS),
    backoffMs,
    maxAgeMs: MAX_AGE_MS,
    now,
    random,
    log,
    ...(isActive && { isActive }),
  };
}
