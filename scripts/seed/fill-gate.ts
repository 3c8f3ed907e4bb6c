import { setTimeout as delay } from 'node:timers/promises';
import { apiOf } from '../../test/helpers/gates/api.ts';
import { GREYLISTING_DOMAIN } from './people.ts';
import { DRAFT_TAG, type SeedMail } from './seed-mail.ts';
import { sendMail, type Target } from './send-mail.ts';

/** A gate, with a key that has the scope `manage`. */
export interface ManagedTarget extends Target {
  readonly adminKey: string;
}

export interface FillOptions {
  /** Called with the number of messages accepted so far. */
  readonly onAccepted: (count: number) => void;
  /** Stops before the next group of messages. */
  readonly signal: AbortSignal;
}

/** Messages that are submitted together. */
const GROUP = 250;
/** Limit for the wait until all due mail was tried. */
const SETTLE_MS = 5 * 60_000;
const POLL_MS = 250;

/** Submits mail and waits until all due messages were tried. Then it cancels the drafts, and retries greylisted messages. */
export async function fillGate(
  target: ManagedTarget,
  mail: readonly SeedMail[],
  { onAccepted, signal }: FillOptions,
): Promise<void> {
  const api = apiOf(target, target.adminKey);
  for (let from = 0; from < mail.length && !signal.aborted; from += GROUP) {
    const group = mail.slice(from, from + GROUP);
    await sendMail(target, group);
    onAccepted(from + group.length);
  }
  await settle(target, signal);
  await api.ask('POST', '/v1/messages/cancel', { filter: { tag: DRAFT_TAG, state: 'queued' } });
  const greylisted = { state: 'deferred', recipient: `@${GREYLISTING_DOMAIN}` };
  await api.ask('POST', '/v1/messages/retry', { filter: greylisted });
  await settle(target, signal);
}

interface Overview {
  readonly to: string;
  readonly queue: readonly { readonly provider: number | null; readonly oldestDueAt?: string }[];
  readonly providers: readonly { readonly id: number; readonly isPaused: boolean; readonly active: number }[];
}

/** Waits until all due messages were tried. */
async function settle(target: ManagedTarget, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (!signal.aborted && !(await isSettled(target))) {
    if (performance.now() > deadline)
      throw new Error(`Messages are still due after ${SETTLE_MS / 60_000} minutes.`);
    await delay(POLL_MS);
  }
}

/** Returns true if nothing is being sent and nothing is due, except the mail of paused providers. */
async function isSettled(target: ManagedTarget): Promise<boolean> {
  const { to, queue, providers } = await apiOf(target, target.adminKey).ask<Overview>('GET', '/v1/overview');
  const paused = providers.filter(({ isPaused }) => isPaused).map(({ id }) => id);
  const isDue = queue.some(
    ({ provider, oldestDueAt }) =>
      oldestDueAt !== undefined && oldestDueAt <= to && (provider === null || !paused.includes(provider)),
  );
  return !isDue && providers.every(({ active }) => active === 0);
}
