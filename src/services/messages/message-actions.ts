import type { Principal } from '../../core/account.ts';
import { AppError } from '../../core/errors.ts';
import type { HeaderField } from '../../core/message.ts';
import type { MessageView } from '../../core/message-view.ts';
import { mailDate } from '../../mime/date.ts';
import type { Handlers, Operations } from '../../operations/operations.ts';
import type { AuditNote } from '../../store/audit.ts';
import type { Retention, Store } from '../../store/store.ts';
import type { Submit } from '../../submit/submit.ts';
import { asAuthor } from '../author.ts';
import { readBody } from './messages.ts';

export interface MessageActionsContext {
  readonly store: Pick<Store, 'queue' | 'history' | 'registry' | 'audit' | 'purge'>;
  /** How long messages and events are kept. */
  readonly retention: Retention;
  readonly development: boolean;
  readonly submit: Submit['submit'];
  /** The time in ms after which a retried message expires. */
  readonly expiryMs: number;
  /** Returns random letters and digits. */
  readonly newToken: () => string;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called after a retry has made messages due. */
  readonly onRetried: () => void;
}

export type MessageActionHandlers = Pick<Handlers, 'bulk' | 'resend' | 'clearInbox'>;

/** Messages changed at the same time. With more, PostgreSQL connections would be busy for too long. */
const CONCURRENT_CHANGES = 100;
/** Messages that one request of `bulk` changes, and the most that a dry run counts. */
const PAGE_SIZE = 500;
const MAX_COUNTED = 10_000;

/** Handlers that act on many messages, or on the message of another account. */
export function createMessageActionHandlers(context: MessageActionsContext): MessageActionHandlers {
  const { store, submit } = context;
  return {
    async bulk(principal, input) {
      if (input.dryRun) {
        const count = await store.history.count(input.filter, MAX_COUNTED + 1);
        return { count: Math.min(count, MAX_COUNTED), isExact: count <= MAX_COUNTED };
      }
      const result = await doBulk(context, input);
      const done = { filter: [null, { ...input.filter }], count: [null, result.done] } as const;
      const action = ({ retry: 'retried', cancel: 'cancelled' } as const)[input.action];
      if (result.done > 0) await note(context, principal, action, '', done);
      return result;
    },
    async clearInbox() {
      if (!context.development) {
        throw new AppError(
          'conflict',
          'Messages can be deleted before their retention ends only in development mode.',
        );
      }
      const { messages } = await store.purge({ ...context.retention, newestMessages: 0 }, context.now());
      return { deleted: messages };
    },
    async resend(principal, { id, recipients }) {
      const { mime, message } = await readBody(store, id, undefined);
      const account = await store.registry.get('account', message.account);
      if (account === undefined)
        throw new AppError('conflict', 'The account of this message no longer exists.');
      if (!account.isEnabled) throw new AppError('account_inactive', 'The account is disabled.');
      const { sender, tags, metadata, priority } = message;
      await note(context, principal, 'resent', id, { recipients: [null, recipients] });
      return submit(
        { ...principal, account },
        {
          ...{ dialect: 'v1', tags, metadata, priority },
          envelope: { sender, recipients },
          body: { kind: 'raw', mime, trace: resentFields(context, message, recipients) },
          notes: { resentOf: id },
        },
      );
    },
  };
}

function note(
  { store, now }: MessageActionsContext,
  principal: Principal,
  action: AuditNote['action'],
  name: string,
  changes: AuditNote['changes'],
): Promise<void> {
  return store.audit.note({
    ...{ ...asAuthor(principal, now), action, kind: 'messages', subject: null, name },
    changes,
  });
}

async function doBulk(
  { store, expiryMs, now, onRetried }: MessageActionsContext,
  { action, filter, cursor }: Operations['bulk']['input'],
): Promise<{ done: number; skipped: number; next?: string }> {
  const page = cursor === undefined ? { limit: PAGE_SIZE } : { limit: PAGE_SIZE, cursor };
  const { items, next } = await store.history.list(filter, page);
  const at = now();
  const change = ({ id }: MessageView) =>
    action === 'cancel'
      ? store.queue.cancel({ id, now: at })
      : store.queue.retry({ id, now: at, expiresAt: at + expiryMs });
  let done = 0;
  for (let from = 0; from < items.length; from += CONCURRENT_CHANGES) {
    // With SQLite, calls in one turn of the event loop share a transaction.
    const results = await Promise.all(items.slice(from, from + CONCURRENT_CHANGES).map(change));
    done += results.filter(result => result === 'cancelled' || result === 'retried').length;
  }
  if (action === 'retry' && done > 0) onRetried();
  return { done, skipped: items.length - done, ...(next !== undefined && { next }) };
}

/** The resent fields of RFC 5322, section 3.6.6. They come before the unchanged message. */
function resentFields(
  { newToken, now }: MessageActionsContext,
  { from, sender }: MessageView,
  recipients: readonly string[],
): readonly HeaderField[] {
  const author = from === '' ? sender : from;
  const domain = author.slice(author.lastIndexOf('@') + 1) || 'localhost';
  return [
    { name: 'Resent-Date', value: mailDate(now()) },
    ...(author === '' ? [] : [{ name: 'Resent-From', value: author }]),
    { name: 'Resent-To', value: recipients.join(', ') },
    { name: 'Resent-Message-ID', value: `<${newToken()}@${domain}>` },
  ];
}
