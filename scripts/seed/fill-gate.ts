import { setTimeout as delay } from 'node:timers/promises';
import { apiOf } from '../../test/helpers/gates/api.ts';
import { GREYLISTING_DOMAIN } from './people.ts';
import { DRAFT_TAG, type SeedMail } from './seed-mail.ts';
import { sendMail, type Target } from './send-mail.ts';

/** A gate, with the key of somebody who manages it. */
export interface ManagedTarget extends Target {
  readonly adminKey: string;
}

export interface FillOptions {
  /** Told how many messages were accepted so far. */
  readonly onAccepted: (count: number) => void;
  /** Ends it between two groups of messages. */
  readonly signal: AbortSignal;
}

/** Messages that are submitted together. */
const GROUP = 250;
/** The most that is waited for the far ends. */
const SETTLE_MS = 5 * 60_000;
const POLL_MS = 250;

/** Submits mail and waits until all of it that is due was tried; then cancels the drafts, and tries again what was greylisted. */
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

/** Waits until all mail that is due was tried. */
async function settle(target: ManagedTarget, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (!signal.aborted && !(await isSettled(target))) {
    if (performance.now() > deadline)
      throw new Error(`Mail is still due after ${SETTLE_MS / 60_000} minutes.`);
    await delay(POLL_MS);
  }
}

/** Whether nothing is being sent, and nothing is due but the mail of paused providers. */
async function isSettled(target: ManagedTarget): Promise<boolean> {
  const { to, queue, providers } = await apiOf(target, target.adminKey).ask<Overview>('GET', '/v1/overview');
  const paused = providers.filter(({ isPaused }) => isPaused).map(({ id }) => id);
  const isDue = queue.some(
    ({ provider, oldestDueAt }) =>
      oldestDueAt !== undefined && oldestDueAt <= to && (provider === null || !paused.includes(provider)),
  );
  return !isDue && providers.every(({ active }) => active === 0);
}
