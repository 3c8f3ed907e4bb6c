import { domainOf } from '../core/address.ts';
import { AppError } from '../core/errors.ts';
import type { ProviderId } from '../core/message.ts';
import { routeOf } from '../core/route.ts';
import { type Finish, type LeasedMessage, NO_LANE, type Store } from '../store/store.ts';
import { type AttemptContext, attempt } from './attempt.ts';
import { addReady, countReady, isUp, type Lane, takeAllReady, takeReady } from './lane.ts';
import type { Lanes } from './lanes.ts';
import type { Window } from './window.ts';

/** Takes what is due and has it attempted, lane by lane. */
export interface Dispatcher {
  /**
   * Asks to hand a message over from memory as soon as it is stored: true when its lane has nothing older due and
   * memory has room; then either `handOver` or `forgo` must follow.
   */
  reserve(lane: ProviderId, bytes: number): boolean;
  handOver(message: LeasedMessage): void;
  forgo(lane: ProviderId, bytes: number): void;
  /** Tells of a message that was stored for a lane without being handed over. */
  noteStored(lane: ProviderId, dueAt: number): void;
  /** Tells that something may be due in any lane: a retry, a new provider. */
  wake(): void;
  /** Starts nothing more, gives back what has not begun, and resolves once what is under way has ended. */
  drain(): Promise<void>;
}

export interface DispatcherOptions {
  readonly store: Store;
  readonly lanes: Lanes;
  readonly window: Window;
  readonly attempts: AttemptContext;
  readonly now: () => number;
  /** Told of what should not happen. */
  readonly onError: (error: unknown) => void;
}

/** Messages taken from the store at once. */
const CLAIM_MESSAGES = 200;
/** How long the store is left alone when nothing is known to be due. */
const POLL_MS = 1_000;
/** How long mail that no provider serves waits before it is looked at again. */
const UNROUTED_MS = 5_000;
/** How long to wait before writing a result again that the store could not take. */
const RECORD_RETRY_MS = 1_000;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { store, lanes, window, attempts, now } = options;
  const { lease } = attempts.keeper;
  const underWay = new Set<Promise<void>>();
  let isDraining = false;
  let isRouting = false;
  /** What the store could not take yet: nothing is sent while there is any. */
  let unrecorded = 0;
  let timer: NodeJS.Timeout | undefined;

  function pump(lane: Lane): void {
    if (isDraining || unrecorded > 0 || lane.isClosed || !attempts.keeper.isFresh()) return;
    let room = Math.min(lane.transport.capacity - lane.active, lane.health.allowance(now(), lane.active));
    while (room > 0) {
      const message = takeReady(lane);
      if (message === undefined) break;
      room -= 1;
      begin(lane, message);
    }
    // The next ones are fetched before the last one has gone, so that no connection waits for the store.
    const isLow = isUp(lane) && countReady(lane) < lane.transport.capacity;
    if (room > 0 || isLow) claimIfDue(lane);
    else if (!isUp(lane)) detour(lane);
  }

  function claimIfDue(lane: Lane): void {
    if (lane.isClaiming) return;
    if (lane.hasBacklog || isDue(lane) || now() - lane.claimedAt >= POLL_MS) track(claim(lane));
  }

  function isDue({ nextDueAt }: Lane): boolean {
    return nextDueAt !== undefined && nextDueAt <= now();
  }

  /** Mail behind an open breaker takes the rest of its route; what has no other way leaves memory. */
  function detour(lane: Lane): void {
    const messages = takeAllReady(lane);
    const others = new Set<Lane>();
    for (const message of messages) {
      const [, other] = routeFrom(lane, message);
      if (other === undefined) {
        leaveMemory(lane, message);
      } else if (window.room(other.provider.id).messages === 0) {
        addReady(lane, message);
      } else {
        window.leave(lane.provider.id, message.mime.length);
        window.enter(other.provider.id, message.mime.length);
        addReady(other, message);
        others.add(other);
      }
    }
    for (const other of others) pump(other);
    if (messages.length > 0) lane.isStuck = others.size === 0;
    const isAnyUp = lanes.all().some(other => other !== lane && isUp(other));
    if (isAnyUp && !lane.isStuck && countReady(lane) === 0) claimIfDue(lane);
  }

  function leaveMemory(lane: Lane, message: LeasedMessage): void {
    window.leave(lane.provider.id, message.mime.length);
    noteBacklog(lane);
    track(giveBack(message, lane.provider.id, now()));
  }

  function begin(lane: Lane, message: LeasedMessage): void {
    lane.active += 1;
    track(
      carry(lane, message).finally(() => {
        window.leave(lane.provider.id, message.mime.length);
        pump(lane);
      }),
    );
  }

  async function carry(lane: Lane, message: LeasedMessage): Promise<void> {
    const route = routeFrom(lane, message);
    let finish: Finish | undefined;
    try {
      if (route.length > 0) finish = await attempt(attempts, message, route);
    } finally {
      lane.active -= 1;
    }
    // The next message need not wait until the disk has this result: the wire journal has it.
    pump(lane);
    if (finish === undefined) await giveBack(message, NO_LANE, now());
    else await record(finish);
  }

  /** The lanes of the message's route, whether their breakers are open or not. */
  function lanesOf({ from }: LeasedMessage): Lane[] {
    const route = routeOf(lanes.providers(), { senderDomain: from === '' ? '' : domainOf(from) });
    return route.flatMap(provider => lanes.of(provider.id) ?? []);
  }

  /**
   * The lanes to try: this one first, then the rest of the message's route whose breakers are closed. None when the
   * provider was made for other senders since the message was given to it.
   */
  function routeFrom(lane: Lane, message: LeasedMessage): Lane[] {
    const route = lanesOf(message);
    return route.includes(lane) ? [lane, ...route.filter(other => other !== lane && isUp(other))] : [];
  }

  async function record(finish: Finish): Promise<void> {
    await insist(() => store.queue.finish(finish));
    await noteDue(finish);
  }

  function giveBack({ id }: LeasedMessage, lane: ProviderId, dueAt: number): Promise<void> {
    return insist(() => store.queue.release({ id, lease, lane, dueAt }));
  }

  /** Writes again and again while the store cannot: what was sent must not be forgotten, nor what is still to be sent. */
  async function insist(write: () => Promise<unknown>): Promise<void> {
    let isWaiting = false;
    for (;;) {
      try {
        await write();
        if (isWaiting) unrecorded -= 1;
        return;
      } catch (error) {
        if (!(error instanceof AppError) || attempts.signal.aborted) throw error;
        if (!isWaiting) unrecorded += 1;
        isWaiting = true;
        await new Promise(resolve => setTimeout(resolve, RECORD_RETRY_MS));
      }
    }
  }

  /** Makes sure that what is still due is looked at in time, also when its lane was closed meanwhile. */
  async function noteDue({ results, lane }: Finish): Promise<void> {
    const times = results.flatMap(({ dueAt }) => dueAt ?? []);
    if (times.length === 0) return;
    if (lanes.of(lane) === undefined && lane !== NO_LANE)
      await insist(() => store.queue.moveLane(lane, NO_LANE));
    noteDueAt(lane, Math.min(...times));
  }

  function noteDueAt(id: ProviderId, dueAt: number): void {
    const lane = lanes.of(id);
    if (lane === undefined || (lane.nextDueAt !== undefined && lane.nextDueAt <= dueAt)) return;
    lane.nextDueAt = dueAt;
    schedule();
  }

  async function claim(lane: Lane): Promise<void> {
    const { messages: limit, bytes: maxBytes } = window.room(lane.provider.id);
    if (limit === 0) return;
    lane.isClaiming = true;
    lane.hasBacklog = false;
    lane.claimedAt = now();
    try {
      const request = {
        lane: lane.provider.id,
        lease,
        now: now(),
        limit: Math.min(limit, CLAIM_MESSAGES),
        maxBytes,
      };
      const { messages, nextDueAt } = await store.queue.claim(request);
      for (const message of messages) {
        window.enter(lane.provider.id, message.mime.length);
        addReady(lane, message);
      }
      lane.nextDueAt = nextDueAt;
      if (isDue(lane)) noteBacklog(lane);
    } finally {
      lane.isClaiming = false;
    }
    pump(lane);
  }

  /** What the store holds for the lane is due: its own attempts make it look there as they end, and no timer is needed. */
  function noteBacklog(lane: Lane): void {
    lane.hasBacklog = true;
    lane.nextDueAt = undefined;
  }

  /** Finds a lane for the mail that has none, however much it is. */
  async function routeUnrouted(): Promise<void> {
    if (isRouting) return;
    isRouting = true;
    try {
      for (let isMore = true; isMore && !isDraining; ) {
        const { bytes: maxBytes } = window.room(NO_LANE);
        const request = { lane: NO_LANE, lease, now: now(), limit: CLAIM_MESSAGES, maxBytes };
        const { messages, nextDueAt } = await store.queue.claim(request);
        await Promise.all(messages.map(routeOne));
        if (messages.length > 0) wake();
        isMore = nextDueAt !== undefined && nextDueAt <= now();
      }
    } finally {
      isRouting = false;
    }
  }

  async function routeOne(message: LeasedMessage): Promise<void> {
    const route = lanesOf(message);
    const lane = route.find(isUp) ?? route[0];
    if (lane !== undefined) await giveBack(message, lane.provider.id, now());
    else if (now() >= message.expiresAt) await record(await attempt(attempts, message, []));
    else await giveBack(message, NO_LANE, Math.min(now() + UNROUTED_MS, message.expiresAt));
  }

  function wake(): void {
    for (const lane of lanes.all()) {
      noteBacklog(lane);
      pump(lane);
    }
  }

  function tick(): void {
    if (isDraining) return;
    track(routeUnrouted());
    for (const lane of lanes.all()) {
      if (isDue(lane)) noteBacklog(lane);
      lane.isStuck = false;
      pump(lane);
    }
    schedule();
  }

  /** Looks again when the next message is due, and after a second anyway. */
  function schedule(): void {
    clearTimeout(timer);
    if (isDraining) return;
    const due = lanes.all().flatMap(lane => lane.nextDueAt ?? []);
    const waitMs = Math.max(5, Math.min(POLL_MS, ...due.map(at => at - now())));
    timer = setTimeout(tick, waitMs);
  }

  function track(work: Promise<void>): void {
    const tracked = work.catch(options.onError).finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  }

  async function releaseReady(lane: Lane, to: ProviderId): Promise<void> {
    const messages = takeAllReady(lane);
    for (const message of messages) window.leave(lane.provider.id, message.mime.length);
    await Promise.all(messages.map(message => giveBack(message, to, now())));
  }

  lanes.onClosed(lane => {
    track(releaseReady(lane, NO_LANE).then(tick));
  });
  schedule();

  return {
    reserve(id, bytes) {
      const lane = lanes.of(id);
      if (lane === undefined || isDraining || unrecorded > 0) return false;
      const isFree = !lane.hasBacklog && !lane.isClaiming && isUp(lane);
      return isFree && window.tryEnter(id, bytes);
    },
    handOver(message) {
      const lane = lanes.of(message.lane);
      if (lane === undefined || isDraining) {
        window.leave(message.lane, message.mime.length);
        track(giveBack(message, NO_LANE, now()));
        return;
      }
      addReady(lane, message);
      pump(lane);
    },
    forgo: (lane, bytes) => window.leave(lane, bytes),
    noteStored(id, dueAt) {
      const lane = lanes.of(id);
      if (lane === undefined) return;
      if (dueAt > now()) noteDueAt(id, dueAt);
      else noteBacklog(lane);
      pump(lane);
    },
    wake() {
      wake();
      tick();
    },
    async drain() {
      isDraining = true;
      clearTimeout(timer);
      // A claim that was under way may still bring messages: round again until nothing is left.
      do {
        for (const lane of lanes.all()) await releaseReady(lane, lane.provider.id);
        await Promise.all(underWay);
      } while (underWay.size > 0 || lanes.all().some(lane => countReady(lane) > 0));
    },
  };
}
