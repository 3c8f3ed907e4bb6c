import type { EventData, EventType } from '../../core/event.ts';
import type { AccountId, ProviderId } from '../../core/message.ts';
import { valuesList } from './values.ts';

/** An event as the engine writes it; its seq comes from the transaction. */
export interface NewEvent {
  readonly at: number;
  readonly type: EventType;
  readonly account?: AccountId;
  readonly messageId?: bigint;
  /** The recipient's index; absent when it is about the whole message. */
  readonly n?: number;
  readonly provider?: ProviderId;
  readonly data: EventData;
}

/**
 * Seq is made of the transaction's number and the place within it. Transactions end in another order than they begin, so
 * readers stop below the oldest that is still under way (`VISIBLE`): nothing can appear later before what they have read.
 */
const SEQ = `((pg_current_xact_id()::text::bigint + (select value from marks where name = 'xid offset')) << 20)`;
/** Of seqs that no transaction can add to any more. */
export const VISIBLE = `seq < ((pg_snapshot_xmin(pg_current_snapshot())::text::bigint +
  (select value from marks where name = 'xid offset')) << 20)`;

const TYPES = ['bigint', 'bigint', 'text', 'integer', 'bigint', 'integer', 'integer', 'text'];

/** An insert of events as a part of a larger statement. `first` is the place of the first within its transaction. */
export function insertEvents(events: readonly NewEvent[], offset: number, first = 0) {
  const rows = events.map((event, i) => [
    first + i,
    event.at,
    event.type,
    event.account ?? null,
    event.messageId ?? null,
    event.n ?? null,
    event.provider ?? null,
    JSON.stringify(event.data),
  ]);
  const list = valuesList(TYPES, rows, offset);
  return {
    text: `insert into events (seq, at, type, account, message_id, n, provider, data)
      select ${SEQ} + e.place, e.at, e.type, e.account, e.message_id, e.n, e.provider, e.data
      from (${list.text}) as e (place, at, type, account, message_id, n, provider, data)`,
    values: list.values,
  };
}
