import type { MessageStory } from '../data/shapes.ts';
import { duration } from '../parts/time.tsx';

/** A younger message is not late. */
const LATE_MS = 10_000;

/** Why a message still waits, in a sentence; undefined when it does not, or has not for long. */
export function whyLate(message: MessageStory, now = Date.now()): string | undefined {
  const waiting = message.recipients.filter(({ state }) => state === 'queued' || state === 'deferred');
  const [first] = waiting;
  if (first === undefined || now - Date.parse(message.createdAt) < LATE_MS) return undefined;
  if (message.isLeased) return 'An attempt is under way right now.';
  const dueMs = first.dueAt === undefined ? 0 : Date.parse(first.dueAt) - now;
  const next = dueMs > 0 ? `It is tried again in ${duration(dueMs)}.` : 'It is due, and waits for its turn.';
  if (first.state === 'queued' && first.attempts === 0) {
    return dueMs > 0
      ? `It was asked to be sent later: in ${duration(dueMs)}.`
      : 'No provider has taken it yet: they may be paused, disabled, at their limits, or not serve this sender.';
  }
  const said = first.lastReply;
  const cause =
    said === undefined
      ? `The last attempt failed: ${first.lastError ?? 'no reply came'}`
      : `The receiving server said ${said.code}: ${said.text}`;
  return `${/[.!?]$/.test(cause) ? cause : `${cause}.`} ${next}`;
}
