import type { Account, Principal } from '../../core/account.ts';
import { type Address, domainOf, parseAddress } from '../../core/address.ts';
import { AppError, type ErrorCode } from '../../core/errors.ts';
import type { Event } from '../../core/event.ts';
import type { MessageId } from '../../core/message.ts';
import type { MessageView } from '../../core/message-view.ts';
import type { Submission } from '../../core/submission.ts';
import { type FollowOptions, followEvents } from '../../events/follow-events.ts';
import { headerEnd } from '../../mime/raw-header.ts';
import type { Logger } from '../../process/log.ts';
import type { Registry } from '../../store/registry.ts';
import type { History } from '../../store/store.ts';
import type { Submit } from '../../submit/submit.ts';
import { composeNotice } from './compose-notice.ts';
import { type FailedRecipient, type FailedState, onOneLine } from './failed-recipient.ts';

export interface NoticesContext {
  readonly history: FollowOptions['history'] & Pick<History, 'message' | 'body'>;
  readonly registry: Pick<Registry, 'get'>;
  readonly submit: Submit['submit'];
  /** Name of this machine, for Reporting-MTA. */
  readonly hostName: string;
  /** The APIs whose senders have no other way to hear of it, as their dialects call themselves. */
  readonly dialects: ReadonlySet<string>;
  readonly log: Logger;
  /** Whether it is this node that sends them; absent: it is. */
  readonly isOurs?: () => boolean;
  /** Looks at the event log are this far apart; absent: 1 s. */
  readonly pauseMs?: number;
}

export interface Notices {
  stop(): Promise<void>;
}

/** A message and the moment at which something of it failed: all that failed then is one outcome, and one notice. */
interface Ending {
  readonly id: MessageId;
  readonly at: number;
}

const READER = 'notices';
const PAUSE_MS = 1_000;
const PAGE = 1_000;
/** The gate's state, not the notice, is why these are refused. */
const MUST_WAIT: readonly ErrorCode[] = ['unavailable', 'rate_limited', 'internal'];
const MAX_HEADER_BYTES = 64 * 1024;
const FAILED: Readonly<Record<FailedState, true>> = { bounced: true, failed: true, expired: true };
const FAILED_TYPES = Object.keys(FAILED).filter(isFailed);

/** Tells the senders of mail that it failed, once for each outcome, across restarts. */
export function createNotices(context: NoticesContext): Notices {
  const { history, log, isOurs, pauseMs = PAUSE_MS } = context;
  return followEvents({
    history,
    reader: READER,
    types: FAILED_TYPES,
    startsAt: 'oldest',
    async handle(events) {
      await noticeAll(context, events);
      return events.at(-1);
    },
    onError: error => log.error({ err: error }, 'notices are not sent'),
    ...(isOurs && { isActive: isOurs }),
    pauseMs,
  });
}

async function noticeAll(context: NoticesContext, events: readonly Event[]): Promise<void> {
  for (const ending of endingsIn(events)) {
    const message = await context.history.message(ending.id);
    if (message === undefined || !context.dialects.has(message.dialect)) continue;
    const { sender } = message;
    // RFC 5321 4.5.5: nothing is ever said to the null sender.
    if (sender === '') continue;
    const account = await context.registry.get('account', message.account);
    if (account?.sendsNotices) await sendNotice(context, account, { ...message, sender }, ending);
  }
}

function endingsIn(events: readonly Event[]): readonly Ending[] {
  const endings = new Map<string, Ending>();
  for (const { type, messageId, at } of events) {
    if (isFailed(type) && messageId !== undefined) endings.set(`${messageId} ${at}`, { id: messageId, at });
  }
  return [...endings.values()];
}

function isFailed(type: string): type is FailedState {
  return type in FAILED;
}

async function sendNotice(
  context: NoticesContext,
  account: Account,
  message: MessageView & { readonly sender: Address },
  ending: Ending,
): Promise<void> {
  const { history, submit, hostName, log } = context;
  const failures = await failuresOf(history, ending);
  const header = headerOf(await history.body(message.id));
  const facts = { from: postmasterOf(message), to: message.sender, hostName, message, header, failures };
  const submission: Submission = {
    dialect: 'notice',
    // RFC 5321 4.5.5: with the null sender nobody can ever answer it, so that no two machines go on answering each other.
    envelope: { sender: '', recipients: [message.sender] },
    body: { kind: 'raw', mime: composeNotice(facts) },
    idempotencyKey: `notice-${ending.id}-${ending.at}`,
    notes: { about: message.id },
  };
  try {
    const { id } = await submit(gateFor(account), submission);
    log.info({ id, about: message.id, failures: failures.length }, 'sent a notice');
  } catch (error) {
    if (!(error instanceof AppError) || MUST_WAIT.includes(error.code)) throw error;
    // The key is taken by this very notice, made while more was known of the message.
    if (error.code === 'conflict') return;
    log.warn({ err: error, about: message.id }, 'a notice was not accepted');
  }
}

async function failuresOf(
  history: NoticesContext['history'],
  { id, at }: Ending,
): Promise<readonly FailedRecipient[]> {
  const failures: FailedRecipient[] = [];
  for (let after = '0'; ; ) {
    const events = await history.events({ messageId: id, after, limit: PAGE });
    for (const event of events) {
      if (event.at === at && event.recipient !== undefined)
        failures.push(...failureOf(event, event.recipient));
    }
    const last = events.at(-1);
    if (last === undefined || events.length < PAGE) return failures;
    after = last.seq;
  }
}

function failureOf({ type, at, data }: Event, recipient: Address): FailedRecipient[] {
  if (!isFailed(type)) return [];
  const { code, enhanced, reason = '' } = data;
  return [
    {
      ...{ recipient, state: type, at, reason: onOneLine(reason) },
      ...(code !== undefined && { code }),
      ...(enhanced !== undefined && { enhanced }),
    },
  ];
}

/** Undefined once retention has removed the message. */
function headerOf(body: Buffer | 'gone' | undefined): Buffer | undefined {
  if (!Buffer.isBuffer(body)) return undefined;
  return body.subarray(0, Math.min(headerEnd(body), MAX_HEADER_BYTES));
}

/** In the domain of the message itself: that is what the providers of the account let through. */
function postmasterOf({ from, sender }: MessageView & { readonly sender: Address }): Address {
  const postmaster = parseAddress(`postmaster@${domainOf(from === '' ? sender : from)}`);
  return postmaster.ok ? postmaster.value : sender;
}

/** The notice is the gate's own word: what the account may say, and how much, is not what limits it. */
function gateFor(account: Account): Principal {
  return { account: { ...account, allowedSenders: ['*'], limits: {} }, scopes: ['send'], by: 'keyless' };
}
