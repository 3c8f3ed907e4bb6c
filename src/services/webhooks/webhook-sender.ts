import type { Webhook } from '../../core/account.ts';
import type { Event } from '../../core/event.ts';
import type { AccountId } from '../../core/message.ts';
import { type Follower, type FollowOptions, followEvents } from '../../events/follow-events.ts';
import { pause } from '../../events/pause.ts';
import type { Semaphore } from '../../events/semaphore.ts';
import type { Logger } from '../../process/log.ts';
import { createPoster, type Posted, type PosterOptions } from './post-webhook.ts';
import { signWebhook } from './sign-webhook.ts';
import { webhookBody, webhookId } from './webhook-body.ts';

/** What the senders of all accounts share. */
export interface SenderContext {
  readonly history: FollowOptions['history'];
  readonly posting: PosterOptions;
  readonly slots: Semaphore;
  /** How long to wait before each further try, ms; the last goes for all that follow. */
  readonly backoffMs: readonly number[];
  /** How old an event gets before it is given up. */
  readonly giveUpMs: number;
  readonly now: () => number;
  /** 0 ≤ random < 1, for the jitter. */
  readonly random: () => number;
  readonly log: Logger;
  /** Whether it is this node that posts; absent: it is. */
  readonly isActive?: () => boolean;
}

/** The webhook of one account. */
export interface WebhookTarget {
  readonly account: AccountId;
  readonly webhook: Webhook;
  /** `whsec_…` */
  readonly secret: string;
  /** Called when the receiver wants no more; nothing is posted until the sender is stopped. */
  readonly onGone: () => Promise<void>;
}

/** Looks are at least so far apart: on a busy gate there is news all the time, most of it of other accounts. */
const PAUSE_MS = 250;
/** After so long what was posted is put down, so that little comes again after a crash. */
const STINT_MS = 1_000;

const HEADERS = { 'content-type': 'application/json', 'user-agent': 'Postern' };

/** The name under which the store keeps how far an account's webhook has come. */
export function readerOf(account: AccountId): string {
  return `webhook:${account}`;
}

/** Posts the events of an account to its webhook, in order: the next only when the one before was taken or given up. */
export function startSender(context: SenderContext, target: WebhookTarget): Follower {
  const { history, log, posting } = context;
  const { account, webhook } = target;
  const poster = createPoster(new URL(webhook.url), posting);
  const follower = followEvents({
    history,
    reader: readerOf(account),
    account,
    startsAt: 'newest',
    pauseMs: PAUSE_MS,
    ...(context.isActive && { isActive: context.isActive }),
    onError: error => log.error({ err: error, account }, 'a webhook is not served'),
    handle: (events, signal) => handle(events, signal),
  });

  async function handle(events: readonly Event[], signal: AbortSignal): Promise<Event | undefined> {
    const until = context.now() + STINT_MS;
    let done: Event | undefined;
    for (const event of events) {
      const isWanted = webhook.events.length === 0 || webhook.events.includes(event.type);
      if (isWanted && !(await postUntilTaken(event, signal))) return done;
      done = event;
      if (context.now() > until) return done;
    }
    return done;
  }

  /** False when it was stopped before the event was taken or given up. */
  async function postUntilTaken(event: Event, signal: AbortSignal): Promise<boolean> {
    for (let tries = 0; !signal.aborted; tries++) {
      const posted = await context.slots.run(() => post(event, signal));
      if (posted.kind === 'taken') return true;
      if (posted.kind === 'gone') {
        log.warn({ account, url: webhook.url }, 'a webhook wants no more events: it is removed');
        await target.onGone();
        await untilAborted(signal);
      } else if (!signal.aborted && !(await waitForNext(event, tries, posted, signal))) return true;
    }
    return false;
  }

  async function post(event: Event, signal: AbortSignal): Promise<Posted> {
    if (signal.aborted) return { kind: 'failed', reason: 'stopped' };
    const body = webhookBody(event);
    const timestamp = Math.floor(context.now() / 1_000);
    const signed = signWebhook(target.secret, { id: webhookId(event), timestamp, body });
    return poster.post({ ...HEADERS, ...signed }, body, signal);
  }

  /** False when the event is given up. */
  async function waitForNext(
    event: Event,
    tries: number,
    { reason, retryAfterMs = 0 }: Posted & { kind: 'failed' },
    signal: AbortSignal,
  ): Promise<boolean> {
    const facts = { account, seq: event.seq, tries: tries + 1, reason };
    if (context.now() - event.at > context.giveUpMs) {
      log.error(facts, 'an event was given up: the webhook did not take it');
      return false;
    }
    const { backoffMs, random } = context;
    const usualMs = backoffMs[Math.min(tries, backoffMs.length - 1)] ?? 0;
    const waitMs = Math.max(usualMs * (0.8 + 0.4 * random()), retryAfterMs);
    log.warn({ ...facts, waitMs }, 'a webhook did not take an event');
    await pause(waitMs, signal);
    return true;
  }

  return {
    async stop() {
      await follower.stop();
      await poster.close();
    },
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}
