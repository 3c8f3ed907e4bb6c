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
  /** The time in ms after which a retried message expires. */
  readonly expiryMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called after a retry has made a message due. */
  readonly onRetried: () => void;
}

export type MessageHandlers = Pick<Handlers, 'message' | 'messages' | 'body' | 'events' | 'cancel' | 'retry'>;

/** Events of one message that are read with one query. */
const EVENTS_PER_QUERY = 1000;

/** One page of a search scans about this many messages. The caller continues with the cursor. */
const MAX_SCANNED = 100_000;

/** Handlers for message status and actions. A caller sees its own account; with the scope `oversee`, all accounts. */
export function createMessageHandlers({ store, expiryMs, now, onRetried }: MessagesContext): MessageHandlers {
  const { queue, history } = store;

  async function view(id: MessageId, account: AccountId | undefined): Promise<MessageView> {
    return (await history.message(id, account)) ?? throwNotFound();
  }

  return {
    async message(principal, { id }) {
      const message = await view(id, visibleAccount(principal));
      const [attempts, events] = await Promise.all([history.attempts(id), eventsOf(store, id)]);
      return { message, attempts, events };
    },
    messages(principal, { filter, cursor, limit }) {
      const account = visibleAccount(principal) ?? filter.account;
      const page = { limit, maxScan: MAX_SCANNED, ...(cursor !== undefined && { cursor }) };
      return history.list(account === undefined ? filter : { ...filter, account }, page);
    },
    body: (principal, { id }) => readBody(store, id, visibleAccount(principal)),
    events(principal, request, signal) {
      return waitForEvents(history, { ...request, account: visibleAccount(principal) }, signal);
    },
    async cancel(principal, { id }) {
      const account = visibleAccount(principal);
      const result = await queue.cancel({ id, now: now(), ...(account !== undefined && { account }) });
      if (result !== 'cancelled') throw CANCEL_REFUSALS[result]();
      return view(id, account);
    },
    async retry(principal, { id }) {
      const account = visibleAccount(principal);
      const at = now();
      const request = { id, now: at, expiresAt: at + expiryMs, ...(account !== undefined && { account }) };
      const result = await queue.retry(request);
      if (result !== 'retried') throw RETRY_REFUSALS[result]();
      onRetried();
      return view(id, account);
    },
  };
}

/** Reads a message with its content. Throws `not_found` also for a message of another account. */
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
    new AppError(
      'conflict',
      'A delivery attempt is in progress. A message that is being sent cannot be cancelled.',
    ),
  ended: () => new AppError('conflict', 'Nothing is left to cancel: every recipient is in a final state.'),
  'not-found': notFound,
};

const RETRY_REFUSALS: Readonly<Record<Exclude<RetryResult, 'retried'>, () => AppError>> = {
  'under-way': () => new AppError('conflict', 'A delivery attempt is already in progress.'),
  'nothing-to-retry': () =>
    new AppError('conflict', 'There is nothing to retry: every recipient was delivered or cancelled.'),
  'body-gone': () => new AppError('gone', 'Retention has removed the content of this message.'),
  'not-found': notFound,
};

/** The only account that the caller may see; undefined: all accounts. */
function visibleAccount({ account, scopes }: Principal): AccountId | undefined {
  return covers(scopes, 'oversee') ? undefined : account.id;
}

async function eventsOf(
  { history }: Pick<Store, 'history'>,
  messageId: MessageId,
): Promise<readonly Event[]> {
  const events: Event[] = [];
  for (;;) {
    const after = events.at(-1)?.seq ?? '0';
    const more = await history.events({ messageId, after, limit: EVENTS_PER_QUERY });
    events.push(...more);
    if (more.length < EVENTS_PER_QUERY) return events;
  }
}

function throwNotFound(): never {
  throw notFound();
}
