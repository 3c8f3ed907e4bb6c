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
import { type FailedRecipient, type FailedState, toOneLine } from './failed-recipient.ts';

export interface NoticesContext {
  readonly history: FollowOptions['history'] & Pick<History, 'message' | 'body'>;
  readonly registry: Pick<Registry, 'get'>;
  readonly submit: Submit['submit'];
  /** The name of this machine, for Reporting-MTA. */
  readonly hostName: string;
  /** Names of the dialects whose senders get bounce messages: those that have no other report of a failure. */
  readonly dialects: ReadonlySet<string>;
  readonly log: Logger;
  /** Returns true if this node sends the bounce messages; absent: it does. */
  readonly isActive?: () => boolean;
  /** The least time between two reads of the event log; absent: 1 s. */
  readonly pauseMs?: number;
}

export interface Notices {
  stop(): Promise<void>;
}

/** A message, and the time when recipients of it failed. All that failed at that time go into one bounce message. */
interface FailureGroup {
  readonly id: MessageId;
  readonly at: number;
}

const READER = 'notices';
const PAUSE_MS = 1_000;
const PAGE = 1_000;
/** Errors because of the state of the gate, not because of the bounce message: it is tried again later. */
const TEMPORARY: readonly ErrorCode[] = ['unavailable', 'rate_limited', 'internal'];
const MAX_HEADER_BYTES = 64 * 1024;
const FAILED: Readonly<Record<FailedState, true>> = { bounced: true, failed: true, expired: true };
const FAILED_TYPES = Object.keys(FAILED).filter(isFailed);

/** Sends bounce messages for failed mail: one for each group of failures, also across restarts. */
export function createNotices(context: NoticesContext): Notices {
  const { history, log, isActive, pauseMs = PAUSE_MS } = context;
  return followEvents({
    history,
    reader: READER,
    types: FAILED_TYPES,
    startsAt: 'oldest',
    async handle(events) {
      await sendNotices(context, events);
      return events.at(-1);
    },
    onError: error => log.error({ err: error }, 'sending bounce messages failed'),
    ...(isActive && { isActive }),
    pauseMs,
  });
}

async function sendNotices(context: NoticesContext, events: readonly Event[]): Promise<void> {
  for (const group of groupFailures(events)) {
    const message = await context.history.message(group.id);
    if (message === undefined || !context.dialects.has(message.dialect)) continue;
    const { sender } = message;
    // RFC 5321, section 4.5.5: the null sender gets no bounce message.
    if (sender === '') continue;
    const account = await context.registry.get('account', message.account);
    if (account?.sendsNotices) await sendNotice(context, account, { ...message, sender }, group);
  }
}

function groupFailures(events: readonly Event[]): readonly FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const { type, messageId, at } of events) {
    if (isFailed(type) && messageId !== undefined) groups.set(`${messageId} ${at}`, { id: messageId, at });
  }
  return [...groups.values()];
}

function isFailed(type: string): type is FailedState {
  return type in FAILED;
}

async function sendNotice(
  context: NoticesContext,
  account: Account,
  message: MessageView & { readonly sender: Address },
  group: FailureGroup,
): Promise<void> {
  const { history, submit, hostName, log } = context;
  const failures = await failuresOf(history, group);
  const header = headerOf(await history.body(message.id));
  const facts = { from: postmasterOf(message), to: message.sender, hostName, message, header, failures };
  const submission: Submission = {
    dialect: 'notice',
    // RFC 5321, section 4.5.5: the null sender prevents a loop of bounce messages between two servers.
    envelope: { sender: '', recipients: [message.sender] },
    body: { kind: 'raw', mime: composeNotice(facts) },
    idempotencyKey: `notice-${group.id}-${group.at}`,
    notes: { about: message.id },
  };
  try {
    const { id } = await submit(unlimitedPrincipal(account), submission);
    log.info({ id, about: message.id, failures: failures.length }, 'bounce message sent');
  } catch (error) {
    if (!(error instanceof AppError) || TEMPORARY.includes(error.code)) throw error;
    // The same bounce message was accepted before a crash, when more of the message was still stored.
    if (error.code === 'conflict') return;
    log.warn({ err: error, about: message.id }, 'bounce message was not accepted');
  }
}

async function failuresOf(
  history: NoticesContext['history'],
  { id, at }: FailureGroup,
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
      ...{ recipient, state: type, at, reason: toOneLine(reason) },
      ...(code !== undefined && { code }),
      ...(enhanced !== undefined && { enhanced }),
    },
  ];
}

/** Undefined if retention has removed the content. */
function headerOf(body: Buffer | 'gone' | undefined): Buffer | undefined {
  if (!Buffer.isBuffer(body)) return undefined;
  return body.subarray(0, Math.min(headerEnd(body), MAX_HEADER_BYTES));
}

/** The postmaster of the domain that the message came from: the providers of the account accept that domain. */
function postmasterOf({ from, sender }: MessageView & { readonly sender: Address }): Address {
  const postmaster = parseAddress(`postmaster@${domainOf(from === '' ? sender : from)}`);
  return postmaster.ok ? postmaster.value : sender;
}

/** The gate itself sends bounce messages: the allowed senders and the limits of the account do not apply. */
function unlimitedPrincipal(account: Account): Principal {
  return { account: { ...account, allowedSenders: ['*'], limits: {} }, scopes: ['send'], by: 'keyless' };
}
