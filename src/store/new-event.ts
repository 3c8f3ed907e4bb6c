import type { EventData, EventType } from '../core/event.ts';
import type { AccountId, ProviderId } from '../core/message.ts';

/** An event as the engine writes it; its seq comes from the database. */
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
