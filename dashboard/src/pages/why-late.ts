import type { MessageStory } from '../data/shapes.ts';
import { duration } from '../parts/time.tsx';

/** A message younger than this is not late. */
const LATE_MS = 10_000;

/** The reason why a message is still in the queue; undefined for a final or a new one. */
export function whyLate(message: MessageStory, now = Date.now()): string | undefined {
  const pending = message.recipients.filter(({ state }) => state === 'queued' || state === 'deferred');
  const [first] = pending;
  if (first === undefined || now - Date.parse(message.createdAt) < LATE_MS) return undefined;
  if (message.isLeased) return 'A delivery attempt is in progress.';
  const dueMs = first.dueAt === undefined ? 0 : Date.parse(first.dueAt) - now;
  const next = dueMs > 0 ? `The next attempt is in ${duration(dueMs)}.` : 'The next attempt is due now.';
  if (first.state === 'queued' && first.attempts === 0) {
    return dueMs > 0
      ? `The message is scheduled: sending starts in ${duration(dueMs)}.`
      : 'No attempt has been made yet. The providers may be paused, disabled, at their limits, or not configured for this sender.';
  }
  const reply = first.lastReply;
  const cause =
    reply === undefined
      ? `The last attempt failed: ${first.lastError ?? 'there was no reply'}`
      : `The provider replied ${reply.code}: ${reply.text}`;
  return `${/[.!?]$/.test(cause) ? cause : `${cause}.`} ${next}`;
}
