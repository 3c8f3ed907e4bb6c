import { covers, type Principal } from '../../core/account.ts';
import { AppError } from '../../core/errors.ts';
import type { Event } from '../../core/event.ts';
import type { AccountId, MessageId } from '../../core/message.ts';
import type { MessageView } from '../../core/message-view.ts';
import type { Handlers } from '../../operations/operations.ts';
import type { CancelResult, RetryResult, Store } from '../../store/store.ts';
import { waitForEvents } from './wait-for-events.ts';

export interface MessagesContext {
  readonly store: Pick<Store, 'queue' | 'history'>;
  /** How long a message is tried that is started again, in ms. */
  readonly expiryMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** Told when something became due by hand. */
  readonly onRetried: () => void;
}

export type MessageHandlers = Pick<Handlers, 'message' | 'messages' | 'body' | 'events' | 'cancel' | 'retry'>;

/** Events of one message that are read at a time. */
const EVENTS_AT_ONCE = 1000;

/** A search looks at about so many messages at once: who wants to know of older ones asks on. */
const MOST_LOOKED_AT = 100_000;

/** What became of mail, and a say in it: within the account of who asks, or in all of them for who oversees the gate. */
export function createMessageHandlers({ store, expiryMs, now, onRetried }: MessagesContext): MessageHandlers {
  const { queue, history } = store;

  async function view(id: MessageId, account: AccountId | undefined): Promise<MessageView> {
    return (await history.message(id, account)) ?? throwNotFound();
  }

  return {
    async message(principal, { id }) {
      const message = await view(id, accountOf(principal));
      const [attempts, events] = await Promise.all([history.attempts(id), eventsOf(store, id)]);
      return { message, attempts, events };
    },
    messages(principal, { filter, cursor, limit }) {
      const account = accountOf(principal) ?? filter.account;
      const page = { limit, maxScan: MOST_LOOKED_AT, ...(cursor !== undefined && { cursor }) };
      return history.list(account === undefined ? filter : { ...filter, account }, page);
    },
    body: (principal, { id }) => readBody(store, id, accountOf(principal)),
    events(principal, request, signal) {
      return waitForEvents(history, { ...request, account: accountOf(principal) }, signal);
    },
    async cancel(principal, { id }) {
      const account = accountOf(principal);
      const result = await queue.cancel({ id, now: now(), ...(account !== undefined && { account }) });
      if (result !== 'cancelled') throw CANCEL_REFUSALS[result]();
      return view(id, account);
    },
    async retry(principal, { id }) {
      const account = accountOf(principal);
      const at = now();
      const request = { id, now: at, expiresAt: at + expiryMs, ...(account !== undefined && { account }) };
      const result = await queue.retry(request);
      if (result !== 'retried') throw RETRY_REFUSALS[result]();
      onRetried();
      return view(id, account);
    },
  };
}

/** A message with its content; refuses what is not there, another account's, or was removed. */
export async function readBody(
  { history }: Pick<Store, 'history'>,
  id: MessageId,
  account: AccountId | undefined,
): Promise<{ mime: Buffer; message: MessageView }> {
  const message = await history.message(id, account);
  const mime = await history.body(id, account);
  if (message === undefined || mime === undefined) return throwNotFound();
  if (mime === 'gone') throw new AppError('gone', 'Retention has removed the content of this message.');
  return { mime, message };
}

const notFound = () => new AppError('not_found', 'There is no such message.');

const CANCEL_REFUSALS: Readonly<Record<Exclude<CancelResult, 'cancelled'>, () => AppError>> = {
  started: () =>
    new AppError('conflict', 'An attempt is under way: what is being sent cannot be called back.'),
  ended: () => new AppError('conflict', 'There is nothing left to cancel: every recipient has its result.'),
  'not-found': notFound,
};

const RETRY_REFUSALS: Readonly<Record<Exclude<RetryResult, 'retried'>, () => AppError>> = {
  'under-way': () => new AppError('conflict', 'An attempt is under way already.'),
  'nothing-to-retry': () =>
    new AppError('conflict', 'There is nothing to try again: it was delivered or cancelled.'),
  'body-gone': () => new AppError('gone', 'Retention has removed the content of this message.'),
  'not-found': notFound,
};

/** The account that someone is confined to; undefined for who sees all. */
function accountOf({ account, scopes }: Principal): AccountId | undefined {
  return covers(scopes, 'oversee') ? undefined : account.id;
}

async function eventsOf(
  { history }: Pick<Store, 'history'>,
  messageId: MessageId,
): Promise<readonly Event[]> {
  const events: Event[] = [];
  for (;;) {
    const after = events.at(-1)?.seq ?? '0';
    const more = await history.events({ messageId, after, limit: EVENTS_AT_ONCE });
    events.push(...more);
    if (more.length < EVENTS_AT_ONCE) return events;
  }
}

function throwNotFound(): never {
  throw notFound();
}
