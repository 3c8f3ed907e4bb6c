import { domainOf } from '../../core/address.ts';
import { routeOf } from '../../core/route.ts';
import type { LeasedMessage } from '../../store/store.ts';
import type { Lane } from './lane.ts';
import type { Lanes } from './lanes.ts';

/** The lanes of a message's route, whether their breakers are open or not. */
export function lanesOf(lanes: Lanes, { id, from }: LeasedMessage): Lane[] {
  const senderDomain = from === '' ? '' : domainOf(from);
  const route = routeOf(lanes.providers(), { senderDomain, spread: id });
  return route.flatMap(provider => lanes.of(provider.id) ?? []);
}

/**
 * The lanes to try from a lane: that one first, then the rest of the message's route whose breakers are closed. None when
 * the provider was made for other senders since the message was given to it.
 */
export function routeFrom(lanes: Lanes, lane: Lane, message: LeasedMessage): Lane[] {
  const route = lanesOf(lanes, message);
  return route.includes(lane) ? [lane, ...route.filter(other => other !== lane && other.isUp)] : [];
}
