import type { ProviderId } from '../../core/message.ts';
import { type Finish, type LeasedMessage, NO_LANE } from '../../store/store.ts';
import { attempt } from '../attempt.ts';
import { earliestDue } from '../recipient-result.ts';
import { canClaim, claimDue } from './claims.ts';
import { type DispatchContext, returnToStore } from './dispatch-context.ts';
import { canFailOver, failOver } from './failover.ts';
import type { Lane } from './lane.ts';
import { routeFrom } from './message-route.ts';
import { isAtLimit, reserveQuota, setAside } from './throttle.ts';
import { routeBatch } from './unrouted-mail.ts';

/** Why nothing starts in a lane, whatever its limits and its breaker say. */
export type WaitCause = 'shutdown' | 'results-unwritten' | 'closed' | 'lease-expires' | 'paused';

/**
 * What happens when a message becomes due. Whatever may let a lane start something calls `run` for it: the timer
 * (`tick`), a message that was stored or handed over, a claim that ended, quota that was reserved, an attempt that ended.
 *
 * 1. wait       `waitCause`: nothing starts during a shutdown, with unwritten results, without a fresh lease, when paused.
 * 2. limit      `setAside`: at the limit of its provider, the ready messages of the lane return to the store.
 * 3. start      `#startReady`: ready messages start, high priority first, while the lane has a free slot and quota.
 * 4. claim      `#claim`: when few messages are ready, the next due ones are leased in the store.
 * 5. fail over  `#failOver`: behind an open breaker, ready messages move to the next provider of their routes.
 * 6. deliver    `#deliver`: each message that started is attempted, then its result is written. `run` follows both.
 *
 * Each step is a function over the lane, which alone writes its state.
 */
export class DispatchLoop {
  readonly #context: DispatchContext;
  #isStopping = false;
  /** Mail without a lane is being routed. */
  #isRouting = false;

  constructor(context: DispatchContext) {
    this.#context = context;
  }

  // ——— Wake ———

  /** Called by the timer: when a message is due or a limit ends, and at least once a second. */
  tick(): void {
    const { lanes, background, timer, now } = this.#context;
    if (this.#isStopping) return;
    background.add(this.#routeUnrouted());
    for (const lane of lanes.all()) {
      lane.noteTick(now());
      this.run(lane);
      background.add(lane.quota.release({ ifIdle: now() }));
    }
    timer.set();
  }

  /** Makes every lane look into the store. */
  runAll(): void {
    for (const lane of this.#context.lanes.all()) {
      lane.noteBacklog();
      this.run(lane);
    }
  }

  /** A message of a lane is due later, in epoch ms. */
  noteDue(lane: ProviderId, dueAt: number): void {
    const { lanes, timer } = this.#context;
    if (lanes.of(lane)?.noteDue(dueAt)) timer.set();
  }

  /** Gives lanes to the mail that has none. A call while it does so changes nothing. */
  async #routeUnrouted(): Promise<void> {
    if (this.#isRouting) return;
    this.#isRouting = true;
    try {
      for (let isMore = true; isMore && !this.#isStopping; ) {
        const batch = await routeBatch(this.#context);
        if (batch.count > 0) this.runAll();
        isMore = batch.isMore;
      }
    } finally {
      this.#isRouting = false;
    }
  }

  // ——— Run one lane ———

  /** Starts what a lane may start now, and fetches more for it. */
  run(lane: Lane): void {
    if (this.waitCause(lane) !== undefined || lane.isReserving) return;
    if (isAtLimit(this.#context, lane)) {
      setAside(this.#context, lane);
      return;
    }
    const freeSlots = this.#startReady(lane);
    if (lane.isReserving) return;
    // The next messages are claimed before the last one has started, so that no connection waits for the store.
    const isLow = lane.isUp && lane.readyCount < lane.transport.capacity;
    if (freeSlots > 0 || isLow) this.#claim(lane);
    else if (!lane.isUp) this.#failOver(lane);
  }

  /** Undefined when the lane may start something. */
  waitCause(lane: Lane): WaitCause | undefined {
    const { results, attempts } = this.#context;
    if (this.#isStopping) return 'shutdown';
    if (results.isBehind()) return 'results-unwritten';
    if (lane.isClosed) return 'closed';
    if (!attempts.leaseRenewal.isFresh()) return 'lease-expires';
    return lane.isPaused ? 'paused' : undefined;
  }

  /** Returns how many slots stay free. When the quota runs out, it starts to reserve more. */
  #startReady(lane: Lane): number {
    const { lanes, background, now } = this.#context;
    let freeSlots = lane.freeSlots(now());
    for (let next = lane.peekReady(); freeSlots > 0 && next !== undefined; next = lane.peekReady()) {
      const route = routeFrom(lanes, lane, next);
      if (route.length === 0) {
        // The provider serves other senders since the message was given to it.
        lane.takeReady();
        background.add(returnToStore(this.#context, lane, next, { lane: NO_LANE, dueAt: now() }));
      } else if (lane.quota.take(next.recipients.length)) {
        lane.takeReady();
        freeSlots -= 1;
        background.add(this.#deliver(lane, next, route));
      } else {
        background.add(this.#reserveQuota(lane, next.recipients.length));
        break;
      }
    }
    return freeSlots;
  }

  async #reserveQuota(lane: Lane, recipients: number): Promise<void> {
    await reserveQuota(this.#context, lane, recipients);
    this.#releaseUnusable(lane);
    this.run(lane);
  }

  #claim(lane: Lane): void {
    const { background } = this.#context;
    if (canClaim(this.#context, lane))
      background.add(claimDue(this.#context, lane).then(() => this.run(lane)));
  }

  #failOver(lane: Lane): void {
    for (const other of failOver(this.#context, lane)) this.run(other);
    if (canFailOver(this.#context, lane)) this.#claim(lane);
  }

  // ——— Deliver one message ———

  /** Tries the message along its route, then writes the result. The memory is free again at the end. */
  async #deliver(lane: Lane, message: LeasedMessage, route: readonly Lane[]): Promise<void> {
    const { memory, results } = this.#context;
    try {
      const finish = await this.#attempt(lane, message, route);
      // The next message does not wait until this result is on disk: the wire journal has it.
      this.run(lane);
      await results.record(finish);
      const dueAt = earliestDue(finish);
      if (dueAt !== undefined) await this.#retryAt(finish.lane, dueAt);
    } finally {
      memory.leave(lane.provider.id, message.mime.length);
      this.run(lane);
    }
  }

  async #attempt(lane: Lane, message: LeasedMessage, route: readonly Lane[]): Promise<Finish> {
    lane.attemptStarted();
    try {
      return await attempt(this.#context.attempts, message, route);
    } finally {
      lane.attemptEnded();
      this.#releaseUnusable(lane);
    }
  }

  /** The lane wakes when the message is due again. If it closed during the attempt, its mail goes to other lanes. */
  async #retryAt(lane: ProviderId, dueAt: number): Promise<void> {
    const { lanes, results } = this.#context;
    if (lane !== NO_LANE && lanes.of(lane) === undefined) await results.freeLane(lane);
    this.noteDue(lane, dueAt);
  }

  /** Gives quota back that the lane cannot use any more. */
  #releaseUnusable(lane: Lane): void {
    if (lane.isClosed || this.#isStopping) this.#context.background.add(lane.quota.release());
  }

  // ——— Stop ———

  /** The provider of the lane was changed, disabled or deleted: its ready messages get another lane. */
  async laneClosed(lane: Lane): Promise<void> {
    await this.#returnReady(lane, NO_LANE);
    this.tick();
  }

  /** Starts nothing more, returns what has not started to the store, and resolves once what is under way has ended. */
  async drain(): Promise<void> {
    const { lanes, background, timer } = this.#context;
    this.#isStopping = true;
    timer.stop();
    // A claim that is under way may still bring messages, so this repeats until nothing is left.
    do {
      for (const lane of lanes.all()) await this.#returnReady(lane, lane.provider.id);
      await background.ended();
    } while (!background.isIdle() || lanes.all().some(lane => lane.readyCount > 0));
  }

  async #returnReady(lane: Lane, to: ProviderId): Promise<void> {
    const { background, now } = this.#context;
    background.add(lane.quota.release());
    const back = { lane: to, dueAt: now() };
    await Promise.all(lane.takeAllReady().map(message => returnToStore(this.#context, lane, message, back)));
  }
}
