import { AppError } from '../core/errors.ts';
import { judge } from '../core/judge.ts';
import type { AttemptRecord } from '../core/message-view.ts';
import type { LaneSign, Outcome, Phase, Reply, Transmission } from '../core/outcome.ts';
import { settleExpired } from '../core/settle.ts';
import type { DueRecipient, Finish, LeasedMessage, RecipientResult, WireJournal } from '../store/store.ts';
import type { Lane } from './lane/lane.ts';
import { countsAgainstLimits } from './lane/provider-quota.ts';
import { type LeaseKeeper, StaleLease } from './lease-renewal.ts';
import { resultFor, type SettleContext } from './recipient-result.ts';

/** What an attempt needs. */
export interface AttemptContext extends SettleContext {
  readonly journal: WireJournal;
  readonly keeper: LeaseKeeper;
  /** Aborted when the grace of a shutdown is over. */
  readonly signal: AbortSignal;
  /** Told of every transmission. */
  readonly onTransmission: (
    message: LeasedMessage,
    lane: Lane,
    record: AttemptRecord,
    sign: LaneSign,
  ) => void;
  /** Told of a bug in a transport; the attempt counts as failed, or unknown when the dot was out. */
  readonly onBug: (error: unknown) => void;
}

/** A recipient on its way through the providers, with what the last attempt said of it. */
interface Travelling {
  readonly recipient: DueRecipient;
  readonly last?: {
    readonly outcome: Outcome;
    readonly attempt: number;
    readonly lane: Lane;
    readonly phase: Phase;
    /** We kept the dot back for a reason of our own: the message is due again at once. */
    readonly isKeptBack: boolean;
  };
}

/** Why we kept a dot back: no fault of the message's, nor of the provider's. */
const STALE = keptBack('The lease of this process ran out before the end of the message: it was not sent.');
const UNJOURNALLED = keptBack('The end of the message could not be noted in the database: it was not sent.');

/**
 * Tries the due recipients of a message at the providers of its route, and says what is to be recorded. The quota of the
 * first was taken for all of them; what of quotas turns out not to be used is put back.
 */
export async function attempt(
  context: AttemptContext,
  message: LeasedMessage,
  route: readonly Lane[],
): Promise<Finish> {
  if (context.now() >= message.expiresAt) {
    route[0]?.quota.putBack(message.recipients.length);
    return expire(context, message);
  }
  const ledger: AttemptRecord[] = [];
  let travelling: readonly Travelling[] = message.recipients.map(recipient => ({ recipient }));
  const arrived: Travelling[] = [];
  let isHeldBack = false;
  for (const lane of route) {
    const count = travelling.length;
    if (lane !== route[0] && !(await takeQuota(lane, count, context.now()))) {
      isHeldBack = true;
      continue;
    }
    const sent = await tryLane(context, message, lane, travelling, ledger);
    if (!countsAgainstLimits(ledger, lane.provider)) lane.quota.putBack(count);
    travelling = sent.filter(mayGoElsewhere);
    arrived.push(...sent.filter(one => !mayGoElsewhere(one)));
    if (travelling.length === 0 || context.signal.aborted || !context.keeper.isFresh()) break;
  }
  const left = isHeldBack ? travelling.map(mayYetGoElsewhere) : travelling;
  const results = [...arrived, ...left].map(one => resultOf(context, message, one));
  return finishOf(context, message, ledger, results, nextLane(route, results));
}

async function takeQuota({ quota }: Lane, recipients: number, now: number): Promise<boolean> {
  if (quota.take(recipients)) return true;
  if (quota.heldUntil(recipients, now) !== undefined) return false;
  return (await quota.draw(recipients, now)) === undefined && quota.take(recipients);
}

/** All transactions that a message needs at one provider: one, unless it has more recipients than the provider takes. */
async function tryLane(
  context: AttemptContext,
  message: LeasedMessage,
  lane: Lane,
  travelling: readonly Travelling[],
  ledger: AttemptRecord[],
): Promise<Travelling[]> {
  const done: Travelling[] = [];
  let rest = travelling;
  while (rest.length > 0) {
    const chunk = rest.slice(0, lane.provider.maxRecipientsPerMessage);
    const sent = await transmit(context, message, lane, chunk, ledger);
    done.push(...sent.filter(one => !isDueAtOnce(one)));
    rest = [...sent.filter(isDueAtOnce), ...rest.slice(chunk.length)];
  }
  return done;
}

/** One SMTP transaction, journalled before its dot and entered in the ledger. */
async function transmit(
  context: AttemptContext,
  message: LeasedMessage,
  lane: Lane,
  chunk: readonly Travelling[],
  ledger: AttemptRecord[],
): Promise<Travelling[]> {
  const number = message.attempt + ledger.length;
  const startedAt = context.now();
  const transmission = await send(context, message, lane, chunk, number);
  const verdict = judge(transmission, chunk.length);
  const record = recordOf(transmission, number, lane, startedAt, context.now(), chunk);
  ledger.push(record);
  context.onTransmission(message, lane, record, verdict.sign);
  return chunk.map(({ recipient }, i) => {
    const outcome = verdict.outcomes[i];
    if (outcome === undefined) throw new Error('judge() left a recipient out.');
    const { phase } = transmission;
    const isKeptBack = transmission === STALE || transmission === UNJOURNALLED;
    return { recipient, last: { outcome, attempt: number, lane, phase, isKeptBack } };
  });
}

async function send(
  context: AttemptContext,
  message: LeasedMessage,
  lane: Lane,
  chunk: readonly Travelling[],
  number: number,
): Promise<Transmission> {
  const { id, sender, mime, eightBit, smtputf8 } = message;
  const recipients = chunk.map(one => one.recipient.address);
  const indexes = chunk.map(one => one.recipient.index);
  let isDotOut = false;
  const beforeDot = (refused: readonly (Reply | undefined)[]) => {
    context.keeper.assertFresh();
    const entry = { id, attempt: number, provider: lane.provider.id, indexes, refused };
    const journalled = context.journal.dot(entry);
    // What could not be journalled is not sent: `send` rejects with that error and the dot stays here.
    isDotOut = true;
    // The process may have been stopped while it waited for the journal, and the message be another's by now.
    return journalled
      ?.then(() => context.keeper.assertFresh())
      .catch(error => {
        isDotOut = false;
        throw error;
      });
  };
  try {
    const parcel = { envelope: { sender, recipients }, mime, eightBit, smtputf8 };
    const onReply = (reply: Reply) => context.journal.replied({ id, attempt: number, reply });
    return await lane.transport.send(parcel, { beforeDot, onReply, signal: context.signal });
  } catch (error) {
    if (error instanceof StaleLease) return STALE;
    if (error instanceof AppError && !isDotOut) return UNJOURNALLED;
    context.onBug(error);
    return {
      phase: isDotOut ? 'dot' : 'mail',
      error: 'An internal error ended the attempt.',
      recipients: [],
    };
  }
}

function keptBack(error: string): Transmission {
  return { phase: 'body', error, recipients: [] };
}

function recordOf(
  transmission: Transmission,
  number: number,
  lane: Lane,
  startedAt: number,
  endedAt: number,
  chunk: readonly Travelling[],
): AttemptRecord {
  const { phase, reply, remote, converted } = transmission;
  const error = transmission.error ?? transmission.refusal;
  return {
    number,
    provider: lane.provider.id,
    startedAt,
    durationMs: Math.max(0, endedAt - startedAt),
    phase,
    ...(reply && { reply }),
    ...(error !== undefined && { error }),
    ...(remote !== undefined && { remote }),
    ...(converted && { converted }),
    ...(chunk.some(one => one.recipient.wasUnknown) && { repeated: true }),
  };
}

function isDueAtOnce({ last }: Travelling): boolean {
  return last?.outcome.kind === 'retry' && last.outcome.where === 'at-once';
}

/** Only what was certainly not accepted may go to another provider at once. */
function mayGoElsewhere({ last }: Travelling): boolean {
  if (last === undefined) return true;
  if (last.outcome.kind === 'retry') return last.outcome.where === 'elsewhere';
  return last.outcome.kind === 'reject' && last.outcome.elsewhere;
}

/** What one provider refused is not lost while another has only used up its limits: it is tried again. */
function mayYetGoElsewhere(one: Travelling): Travelling {
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

function resultOf(
  context: AttemptContext,
  message: LeasedMessage,
  { recipient, last }: Travelling,
): RecipientResult {
  if (last === undefined) throw new Error('A recipient was never tried: the route is empty.');
  const { outcome, attempt: number, phase } = last;
  const word = { outcome, attempt: number, provider: last.lane.provider.id, phase };
  const result = resultFor(context, message, recipient, word);
  return last.isKeptBack && result.dueAt !== undefined ? { ...result, dueAt: context.now() } : result;
}

/** What may have been accepted goes to the same provider again, everything else to the first of its route. */
function nextLane(route: readonly Lane[], results: readonly RecipientResult[]): number {
  const unknown = results.find(result => result.state === 'unknown' && result.dueAt !== undefined);
  return unknown?.provider ?? route[0]?.provider.id ?? 0;
}

function expire(context: AttemptContext, message: LeasedMessage): Finish {
  const results = message.recipients.map(({ index, wasUnknown }) => ({
    index,
    ...settleExpired(wasUnknown),
  }));
  return finishOf(context, message, [], results, message.lane);
}

function finishOf(
  context: AttemptContext,
  message: LeasedMessage,
  attempts: readonly AttemptRecord[],
  results: readonly RecipientResult[],
  lane: number,
): Finish {
  const { id, account } = message;
  return { id, account, lease: context.keeper.lease, at: context.now(), attempts, results, lane };
}
