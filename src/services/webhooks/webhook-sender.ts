import type { Webhook } from '../../core/account.ts';
import type { Event } from '../../core/event.ts';
import type { AccountId } from '../../core/message.ts';
import { type Follower, type FollowOptions, followEvents } from '../../events/follow-events.ts';
import { pause } from '../../events/pause.ts';
import type { Semaphore } from '../../events/semaphore.ts';
import type { Logger } from '../../process/log.ts';
import { signWebhook } from './sign-webhook.ts';
import { webhookBody, webhookId } from './webhook-body.ts';
import { createWebhookClient, type PostResult, type WebhookClientOptions } from './webhook-client.ts';

/** Dependencies that the senders of all accounts share. */
export interface WebhookSenderContext {
  readonly history: FollowOptions['history'];
  readonly clientOptions: WebhookClientOptions;
  readonly semaphore: Semaphore;
  /** The waits between attempts in ms. The last one applies to all further attempts. */
  readonly backoffMs: readonly number[];
  /** The age in ms at which an event is dropped. */
  readonly maxAgeMs: number;
  readonly now: () => number;
  /** A random number from 0 to below 1, for the jitter of the waits. */
  readonly random: () => number;
  readonly log: Logger;
  /** Returns true if this node posts the events; absent: it does. */
  readonly isActive?: () => boolean;
}

/** The webhook of one account. */
export interface WebhookTarget {
  readonly account: AccountId;
  readonly webhook: Webhook;
  /** `whsec_…` */
  readonly secret: string;
  /** Called if the receiver replies 410. The sender then posts nothing until it is stopped. */
  readonly onGone: () => Promise<void>;
}

/** The least time between two reads. On a busy gate new events never stop, and most belong to other accounts. */
const PAUSE_MS = 250;
/** The position is stored after this time, so that a crash repeats few requests. */
const SAVE_INTERVAL_MS = 1_000;

const HEADERS = { 'content-type': 'application/json', 'user-agent': 'Postern' };

/** The name of the reader whose position the store keeps for an account's webhook. */
export function webhookReader(account: AccountId): string {
  return `webhook:${account}`;
}

/** Posts the events of an account in order. It posts the next event after the previous one was accepted or dropped. */
export function startWebhookSender(context: WebhookSenderContext, target: WebhookTarget): Follower {
  const { history, log, clientOptions } = context;
  const { account, webhook } = target;
  const client = createWebhookClient(new URL(webhook.url), clientOptions);
  const follower = followEvents({
    history,
    reader: webhookReader(account),
    account,
    startsAt: 'newest',
    pauseMs: PAUSE_MS,
    ...(context.isActive && { isActive: context.isActive }),
    onError: error => log.error({ err: error, account }, 'reading events for a webhook failed'),
    handle: (events, signal) => handle(events, signal),
  });

  async function handle(events: readonly Event[], signal: AbortSignal): Promise<Event | undefined> {
    const until = context.now() + SAVE_INTERVAL_MS;
    let done: Event | undefined;
    for (const event of events) {
      const isWanted = webhook.events.length === 0 || webhook.events.includes(event.type);
      if (isWanted && !(await postUntilDone(event, signal))) return done;
      done = event;
      if (context.now() > until) return done;
    }
    return done;
  }

  /** Returns false if the sender was stopped before the event was accepted or dropped. */
  async function postUntilDone(event: Event, signal: AbortSignal): Promise<boolean> {
    for (let attempts = 0; !signal.aborted; attempts++) {
      const result = await context.semaphore.run(() => post(event, signal));
      if (result.kind === 'accepted') return true;
      if (result.kind === 'gone') {
        log.warn({ account, url: webhook.url }, 'a webhook replied 410, so it is removed');
        await target.onGone();
        await untilAborted(signal);
      } else if (!signal.aborted && !(await waitForNext(event, attempts, result, signal))) return true;
    }
    return false;
  }

  async function post(event: Event, signal: AbortSignal): Promise<PostResult> {
    if (signal.aborted) return { kind: 'failed', reason: 'stopped' };
    const body = webhookBody(event);
    const timestamp = Math.floor(context.now() / 1_000);
    const signed = signWebhook(target.secret, { id: webhookId(event), timestamp, body });
    return client.post({ ...HEADERS, ...signed }, body, signal);
  }

  /** Returns false if the event is too old and is dropped. */
  async function waitForNext(
    event: Event,
    attempts: number,
    { reason, retryAfterMs = 0 }: PostResult & { kind: 'failed' },
    signal: AbortSignal,
  ): Promise<boolean> {
    const fields = { account, seq: event.seq, tries: attempts + 1, reason };
    if (context.now() - event.at > context.maxAgeMs) {
      log.error(fields, 'an event was dropped: the webhook did not accept it in time');
      return false;
    }
    const { backoffMs, random } = context;
    const baseMs = backoffMs[Math.min(attempts, backoffMs.length - 1)] ?? 0;
    const waitMs = Math.max(baseMs * (0.8 + 0.4 * random()), retryAfterMs);
    log.warn({ ...fields, waitMs }, 'a webhook did not accept an event');
    await pause(waitMs, signal);
    return true;
  }

  return {
    async stop() {
      await follower.stop();
      await client.close();
    },
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
