import type { AttemptRecord } from '../../../src/core/message-view.ts';
import type { Outcome, Phase, RecipientState, Reply } from '../../../src/core/outcome.ts';
import type { NextState } from '../../../src/core/settle.ts';
import type { Finish, LeasedMessage, LeaseId, RecipientResult } from '../../../src/store/store.ts';

/** The reply to the dot of the attempts made here. */
export const DOT_REPLY: Reply = { code: 250, enhanced: '2.0.0', text: 'queued as 4711' };
export const DEFER_REPLY: Reply = { code: 451, enhanced: '4.7.1', text: 'greylisted, come back' };
export const BOUNCE_REPLY: Reply = { code: 550, text: 'no such user' };

/** What stands behind a state, and how far that attempt got. */
const REASONS: Record<RecipientState, { readonly outcome: Outcome; readonly phase: Phase } | undefined> = {
  queued: undefined,
  deferred: { outcome: { kind: 'retry', where: 'later', reply: DEFER_REPLY }, phase: 'rcpt' },
  delivered: { outcome: { kind: 'delivered', reply: DOT_REPLY }, phase: 'done' },
  bounced: {
    outcome: { kind: 'reject', by: 'far-end', elsewhere: false, reply: BOUNCE_REPLY },
    phase: 'rcpt',
  },
  failed: { outcome: { kind: 'reject', by: 'us', elsewhere: false, error: 'needs SMTPUTF8' }, phase: 'ehlo' },
  expired: undefined,
  cancelled: undefined,
  unknown: { outcome: { kind: 'unknown', error: 'the connection was lost' }, phase: 'dot' },
};

/** The end of a lease after one attempt, with a standing for each recipient that was due. */
export function finishOf(
  message: LeasedMessage,
  lease: LeaseId,
  at: number,
  standings: readonly NextState[],
): Finish {
  const { id, account, lane } = message;
  const results = message.recipients.flatMap(({ index }, i) => {
    const standing = standings[i];
    return standing === undefined ? [] : [resultOf(message, index, standing)];
  });
  const wasTried = results.some(result => result.attempt !== undefined);
  return { id, account, lease, at, attempts: wasTried ? [attemptOf(message, at)] : [], results, lane };
}

/** One SMTP transaction at the lane's provider that went through. */
function attemptOf(message: LeasedMessage, at: number): AttemptRecord {
  const repeated = message.recipients.some(one => one.wasUnknown);
  return {
    number: message.attempt,
    provider: message.lane,
    startedAt: at - 40,
    durationMs: 40,
    phase: 'done',
    reply: DOT_REPLY,
    ...(repeated && { repeated }),
  };
}

function resultOf(message: LeasedMessage, index: number, standing: NextState): RecipientResult {
  const reason = REASONS[standing.state];
  if (reason === undefined) return { index, ...standing };
  return { index, ...standing, ...reason, attempt: message.attempt, provider: message.lane };
}
