import { isDeepStrictEqual } from 'node:util';
import type { Account, Webhook } from '../../core/account.ts';
import type { AccountId } from '../../core/message.ts';
import { deleteReaderPosition, type Follower, type FollowOptions } from '../../events/follow-events.ts';
import { createSemaphore } from '../../events/semaphore.ts';
import type { Dial } from '../../net/dial.ts';
import type { Logger } from '../../process/log.ts';
import type { Registry } from '../../store/registry.ts';
import { readerOf, type SenderContext, startSender } from './webhook-sender.ts';

export interface WebhooksContext {
  readonly history: FollowOptions['history'];
  readonly registry: Pick<Registry, 'list' | 'change' | 'onChange'>;
  /** The secret of an account's webhook, `whsec_…`, unsealed. */
  readonly openSecret: (account: AccountId, webhook: Webhook) => string;
  /** The only way to the network; guarded, as the URLs are those of accounts. */
  readonly dial: Dial;
  /** Whether the operator allows clear text to a host. */
  readonly allowsHttp: (host: string) => boolean;
  /** PEM of the certification authorities to trust; absent: the system's. */
  readonly ca?: string;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Logger;
  /** Whether it is this node that posts; absent: it is. */
  readonly isActive?: () => boolean;
  /** For one post; absent: 15 s. */
  readonly timeoutMs?: number;
  /** Waits before each further try; absent: from 1 s to 1 h. */
  readonly backoffMs?: readonly number[];
}

export interface Webhooks {
  /** Posts nothing more; what is under way is posted again after the next start. */
  stop(): Promise<void>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const BACKOFF_MS = [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR];
const TIMEOUT_MS = 15 * SECOND;
const GIVE_UP_MS = 72 * HOUR;
/** Posts under way at once, of all accounts together. */
const MAX_POSTS = 32;

interface Running {
  readonly webhook: Webhook;
  readonly sender: Follower;
}

/** Posts the events of every account that has a webhook, signed as Standard Webhooks has it; each account on its own. */
export function createWebhooks(context: WebhooksContext): Webhooks {
  const { history, registry, log } = context;
  const shared = sharedContext(context);
  const running = new Map<AccountId, Running>();
  let isStopped = false;
  let work: Promise<void> = Promise.resolve();

  /** Makes what runs be what the accounts say; one such adjustment at a time. */
  async function adjust(): Promise<void> {
    if (isStopped) return;
    const accounts = await registry.list('account');
    const known = new Set(accounts.map(({ id }) => id));
    for (const id of [...running.keys()]) if (!known.has(id)) await end(id);
    for (const account of accounts) {
      // A webhook that cannot be served, such as one whose secret does not open, must not keep the others waiting.
      await adjustOne(account).catch(error => {
        log.error({ err: error, account: account.id }, 'a webhook cannot be served');
      });
    }
  }

  async function adjustOne({ id, isEnabled, webhook }: Account): Promise<void> {
    const wanted = isEnabled ? webhook : null;
    if (isDeepStrictEqual(running.get(id)?.webhook ?? null, wanted)) {
      if (webhook === null) await deleteReaderPosition(history, readerOf(id));
      return;
    }
    await end(id);
    if (webhook === null) await deleteReaderPosition(history, readerOf(id));
    if (wanted === null) return;
    const secret = context.openSecret(id, wanted);
    const onGone = () => remove(id, wanted);
    running.set(id, {
      webhook: wanted,
      sender: startSender(shared, { account: id, webhook: wanted, secret, onGone }),
    });
  }

  async function end(id: AccountId): Promise<void> {
    const found = running.get(id);
    running.delete(id);
    await found?.sender.stop();
  }

  /** Unless somebody has set another one meanwhile. */
  async function remove(id: AccountId, gone: Webhook): Promise<void> {
    await registry.change('account', id, account => {
      return account.webhook?.url === gone.url ? { ...account, webhook: null } : account;
    });
  }

  function adjustSoon(): void {
    work = work.then(adjust).catch(error => log.error({ err: error }, 'webhooks could not be adjusted'));
  }

  const stopListening = registry.onChange(kind => kind === 'account' && adjustSoon());
  adjustSoon();
  return {
    async stop() {
      isStopped = true;
      stopListening();
      await work;
      await Promise.all([...running.keys()].map(end));
    },
  };
}

function sharedContext(context: WebhooksContext): SenderContext {
  const { history, dial, allowsHttp, ca, now, random, log, isActive } = context;
  const { timeoutMs = TIMEOUT_MS, backoffMs = BACKOFF_MS } = context;
  return {
    history,
    posting: { dial, allowsHttp, timeoutMs, ...(ca !== undefined && { ca }) },
    slots: createSemaphore(MAX_POSTS),
    backoffMs,
    giveUpMs: GIVE_UP_MS,
    now,
    random,
    log,
    ...(isActive && { isActive }),
  };
}
