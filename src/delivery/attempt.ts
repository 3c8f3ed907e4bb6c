import { judge } from '../core/judge.ts';
import type { AttemptRecord } from '../core/message-view.ts';
import type { Outcome } from '../core/outcome.ts';
import { settleExpired } from '../core/settle.ts';
import type { Finish, LeasedMessage, RecipientResult } from '../store/store.ts';
import type { AttemptContext } from './attempt-context.ts';
import type { Lane } from './lane/lane.ts';
import { countsAgainstLimits } from './lane/provider-quota.ts';
import { resultFor } from './recipient-result.ts';
import {
  isHeldBack,
  recordOf,
  sendTransmission,
  type TrackedRecipient,
  type TransmissionRequest,
} from './transmission.ts';

/** The record that the steps of an attempt read and write. */
interface Attempt {
  readonly context: AttemptContext;
  readonly message: LeasedMessage;
  /** The providers to try, in order. Empty only for a message that has expired. */
  readonly route: readonly Lane[];
  /** One for each transaction so far, at any provider. */
  readonly records: AttemptRecord[];
  /** Recipients that the next provider of the route may still accept. */
  pending: readonly TrackedRecipient[];
  /** Recipients that no other provider is tried for in this attempt. */
  readonly tried: TrackedRecipient[];
  /** A provider was skipped because its limits are used up. */
  wasLimited: boolean;
}

/**
 * Tries the due recipients of a message at the providers of its route, and returns what the store must write. The caller
 * has taken the quota of the first provider for all recipients. Quota that is not used goes back.
 */
export async function attempt(
  context: AttemptContext,
  message: LeasedMessage,
  route: readonly Lane[],
): Promise<Finish> {
  const pending = message.recipients.map(recipient => ({ recipient, last: undefined, isHeldBack: false }));
  const state: Attempt = { context, message, route, records: [], pending, tried: [], wasLimited: false };
  if (context.now() >= message.expiresAt) return expire(state);
  for (const lane of route) {
    if (lane !== route[0] && !(await takeQuota(state, lane))) continue;
    await tryProvider(state, lane);
    if (isOver(state)) break;
  }
  return finish(state);
}

/** The lifetime of the message ended before the attempt: nothing is sent. */
function expire(state: Attempt): Finish {
  const { message, route } = state;
  route[0]?.quota.putBack(message.recipients.length);
  const results = message.recipients.map(({ index, wasUnknown }) => ({
    index,
    ...settleExpired(wasUnknown),
  }));
  return finishOf(state, results, message.lane);
}

/** Takes quota of a further provider for the pending recipients; false when its limits do not allow them now. */
async function takeQuota(state: Attempt, { quota }: Lane): Promise<boolean> {
  const recipients = state.pending.length;
  const now = state.context.now();
  if (quota.take(recipients)) return true;
  const isHeld = quota.limitedUntil(recipients, now) !== undefined;
  if (!isHeld && (await quota.reserve(recipients, now)) === undefined && quota.take(recipients)) return true;
  state.wasLimited = true;
  return false;
}

/** Sends to the pending recipients through one provider. Those that another one may accept stay pending. */
async function tryProvider(state: Attempt, lane: Lane): Promise<void> {
  const recipients = state.pending.length;
  const sent = await sendAll(state, lane);
  if (!countsAgainstLimits(state.records, lane.provider)) lane.quota.putBack(recipients);
  state.pending = sent.filter(mayGoElsewhere);
  for (const one of sent) if (!mayGoElsewhere(one)) state.tried.push(one);
}

function isOver({ pending, context }: Attempt): boolean {
  return pending.length === 0 || context.signal.aborted || !context.leaseRenewal.isFresh();
}

/** One transaction, unless the message has more recipients than the provider takes in one. */
async function sendAll(state: Attempt, lane: Lane): Promise<TrackedRecipient[]> {
  const sent: TrackedRecipient[] = [];
  let rest = state.pending;
  while (rest.length > 0) {
    const chunk = rest.slice(0, lane.provider.maxRecipientsPerMessage);
    const after = await sendChunk(state, lane, chunk);
    sent.push(...after.filter(one => !isDueAtOnce(one)));
    rest = [...after.filter(isDueAtOnce), ...rest.slice(chunk.length)];
  }
  return sent;
}

/** One transaction: sends, judges, and notes the result for the history, the log and the breaker. */
async function sendChunk(
  { context, message, records }: Attempt,
  lane: Lane,
  recipients: readonly TrackedRecipient[],
): Promise<TrackedRecipient[]> {
  const number = message.attempt + records.length;
  const startedAt = context.now();
  const request: TransmissionRequest = { message, lane, recipients, number, startedAt, isDotOut: false };
  const transmission = await sendTransmission(context, request);
  const { outcomes, signal } = judge(transmission, recipients.length);
  const record = recordOf(request, transmission, context.now());
  records.push(record);
  context.onTransmission(message, lane, record, signal);
  const { phase } = transmission;
  return recipients.map(({ recipient }, i) => {
    const outcome = outcomes[i];
    if (outcome === undefined) throw new Error('judge() has no outcome for a recipient.');
    const last = { outcome, attempt: number, provider: lane.provider.id, phase };
    return { recipient, last, isHeldBack: isHeldBack(transmission) };
  });
}

/** RFC 5321, 4.5.3.1.10: the provider takes these recipients in the next transaction. */
function isDueAtOnce({ last }: TrackedRecipient): boolean {
  return last?.outcome.kind === 'retry' && last.outcome.where === 'at-once';
}

/** Only a recipient that was certainly not accepted may go to another provider. */
function mayGoElsewhere({ last }: TrackedRecipient): boolean {
  if (last === undefined) return true;
  if (last.outcome.kind === 'retry') return last.outcome.where === 'elsewhere';
  return last.outcome.kind === 'reject' && last.outcome.elsewhere;
}

function finish(state: Attempt): Finish {
  const { pending, tried, wasLimited } = state;
  const left = wasLimited ? pending.map(keepForLimited) : pending;
  const results = [...tried, ...left].map(one => resultOf(state, one));
  return finishOf(state, results, nextLane(state, results));
}

/** A rejection is not final while a provider of the route was only at its limit: that one is tried later. */
function keepForLimited(one: TrackedRecipient): TrackedRecipient {
  const { last } = one;
  if (last?.outcome.kind !== 'reject') return one;
  const { reply, error } = last.outcome;
  const outcome: Outcome = {
    kind: 'retry',
    where: 'elsewhere',
    ...(reply && { reply }),
    ...(error !== undefined && { error }),
  };
  return { ...one, last: { ...last, outcome } };
}

function resultOf({ context, message }: Attempt, one: TrackedRecipient): RecipientResult {
  if (one.last === undefined) throw new Error('A recipient was never tried: the route is empty.');
  const result = resultFor(context, message, one.recipient, one.last);
  return one.isHeldBack && result.dueAt !== undefined ? { ...result, dueAt: context.now() } : result;
}

/** A message that may have been accepted stays with that provider. Any other starts again at the first of its route. */
function nextLane({ route }: Attempt, results: readonly RecipientResult[]): number {
  const unknown = results.find(result => result.state === 'unknown' && result.dueAt !== undefined);
  return unknown?.provider ?? route[0]?.provider.id ?? 0;
}

function finishOf(
  { context, message, records }: Attempt,
  results: readonly RecipientResult[],
  lane: number,
): Finish {
  const { id, account } = message;
  const { lease } = context.leaseRenewal;
  return { id, account, lease, at: context.now(), attempts: records, results, lane };
}
