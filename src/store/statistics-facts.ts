import { type Address, domainOf } from '../core/address.ts';
import type { EventData, EventType } from '../core/event.ts';
import { type Fact, isCountedType } from './statistics.ts';

/** An event as an engine has stored it. */
export interface StoredEvent {
  /** Epoch ms. */
  readonly at: number;
  readonly type: EventType;
  /** 0: none. */
  readonly account: number;
  readonly provider: number;
  /** JSON of its `EventData`. */
  readonly data: string;
}

/**
 * What an event of a message says of the recipients it is about, for `accepted` all of them; nothing when it is of a
 * type that is not counted. `firstDueAt` is asked for what is delivered: when the message was first due.
 */
export function factsOf(
  event: StoredEvent,
  recipients: readonly Address[],
  firstDueAt: () => number,
): readonly Fact[] {
  const { at, type, account, provider } = event;
  if (!isCountedType(type)) return [];
  const same = { at, type, account, provider, ...detailsOf(event, firstDueAt) };
  return recipients.map(address => ({ ...same, domain: domainOf(address) }));
}

function detailsOf({ at, type, data }: StoredEvent, firstDueAt: () => number): Partial<Fact> {
  if (type === 'delivered') return { tookMs: Math.max(0, at - firstDueAt()) };
  if (type !== 'bounced' && type !== 'failed') return {};
  const { code, enhanced, reason } = JSON.parse(data) as EventData;
  return {
    ...(code !== undefined && { code }),
    ...(enhanced !== undefined && { enhanced }),
    ...(reason !== undefined && { reason }),
  };
}
