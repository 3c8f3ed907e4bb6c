import { domainOf } from '../../core/address.ts';
import { routeOf } from '../../core/route.ts';
import type { LeasedMessage } from '../../store/store.ts';
import type { Lane } from './lane.ts';
import type { Lanes } from './lanes.ts';

/** The lanes of the route of a message, in order, with those whose breaker is open. */
export function lanesOf(lanes: Lanes, { id, from }: LeasedMessage): Lane[] {
  const senderDomain = from === '' ? '' : domainOf(from);
  const route = routeOf(lanes.providers(), { senderDomain, spread: id });
  return route.flatMap(provider => lanes.of(provider.id) ?? []);
}

/**
 * The lanes to try for a message that waits in a lane: this lane, then those of its route that are up. Empty when the
 * provider of the lane no longer serves the sender.
 */
export function routeFrom(lanes: Lanes, lane: Lane, message: LeasedMessage): Lane[] {
  const route = lanesOf(lanes, message);
  return route.includes(lane) ? [lane, ...route.filter(other => other !== lane && other.isUp)] : [];
}
