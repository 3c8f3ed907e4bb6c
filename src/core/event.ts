import type { Address } from './address.ts';
import type { AccountId, MessageId, ProviderId } from './message.ts';
import type { Phase } from './outcome.ts';

/**
 * What can happen to a message or a recipient. Events of recipients are named after the state they report; the
 * others are about the whole message. `alert` is about a provider and has no message, nor has `direct`.
 */
export type EventType =
  | 'accepted'
  | 'deferred'
  | 'delivered'
  | 'bounced'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'unknown'
  | 'retried' // somebody asked for another try
  | 'alert'
  | 'direct'; // mail that went straight to a server its caller named; nothing else of it is kept

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The details of an event; every field is absent where it does not apply. Never holds a body or a secret. */
export interface EventData {
  /** The attempt it came from, counted from 1 within the message. */
  readonly attempt?: number;
  readonly phase?: Phase;
  readonly code?: number;
  readonly enhanced?: string;
  /** The far end's words or ours, ≤ 500 characters. */
  readonly reason?: string;
  /** When the next attempt is due, epoch ms. */
  readonly nextAttemptAt?: number;
  /** True when an earlier attempt for this recipient ended unknown, so that this may be its second copy. */
  readonly repeated?: boolean;
  readonly [key: string]: Json | undefined;
}

/** A fact, appended in the same transaction as the state it reports, never changed. */
export interface Event {
  /** Position in the log, decimal digits; later events have greater ones. The cursor of every reader. */
  readonly seq: string;
  /** Epoch ms. */
  readonly at: number;
  readonly type: EventType;
  /** Absent for `alert` and `direct`. */
  readonly account?: AccountId;
  readonly messageId?: MessageId;
  /** Absent when it is about the whole message. */
  readonly recipient?: Address;
  readonly provider?: ProviderId;
  readonly data: EventData;
}
