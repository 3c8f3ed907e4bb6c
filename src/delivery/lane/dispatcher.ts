import type { MessageId, ProviderId } from '../../core/message.ts';
import { type Finish, type LeasedMessage, NO_LANE, type Store } from '../../store/store.ts';
import type { AttemptContext } from '../attempt.ts';
import { createBackgroundWork } from '../background-work.ts';
import { createFirstOutcomes } from '../first-outcomes.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import { createRecorder } from '../result-batcher.ts';
import { createPump } from './dispatch-loop.ts';
import type { Lane } from './lane.ts';
import type { Lanes } from './lanes.ts';
import { createUnrouted } from './unrouted-mail.ts';
import { createAlarm } from './wake-timer.ts';

/** Takes what is due and has it attempted, lane by lane. */
export interface Dispatcher {
  /**
   * Asks to hand a message over from memory as soon as it is stored: true when its lane has nothing older due, its
   * provider's limits let so many recipients through and memory has room; then either `handOver` or `forgo` must follow.
   */
  reserve(lane: ProviderId, bytes: number, recipients: number): boolean;
  handOver(message: LeasedMessage): void;
  forgo(lane: ProviderId, bytes: number): void;
  /** Tells of a message that was stored for a lane without being handed over. */
  noteStored(lane: ProviderId, dueAt: number): void;
  /**
   * What the first attempt of a message that was handed over comes to, every provider of its route included; `queued`
   * at once when it is not held here, as soon as it leaves memory untried, or when the signal aborts.
   */
  firstOutcome(id: MessageId, signal: AbortSignal): Promise<Finish | 'queued'>;
  /** Tells that something may be due in any lane: a retry, a new provider. */
  wake(): void;
  /** Starts nothing more, gives back what has not begun, and resolves once what is under way has ended. */
  drain(): Promise<void>;
}

export interface DispatcherOptions {
  readonly store: Store;
  readonly lanes: Lanes;
  readonly window: MemoryBudget;
  readonly attempts: AttemptContext;
  readonly now: () => number;
  /** Told of what should not happen. */
  readonly onError: (error: unknown) => void;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { store, lanes, window, attempts, now } = options;
  const { queue } = store;
  const { signal, keeper } = attempts;
  let isDraining = false;
  const background = createBackgroundWork(options.onError);
  const outcomes = createFirstOutcomes();
  const alarm = createAlarm(lanes, now, tick);
  const recorder = createRecorder({ queue, lease: keeper.lease, lanes, alarm, outcomes, signal });
  const parts = { ...options, recorder, alarm, background, isDraining: () => isDraining };
  const pump = createPump(parts);
  const routeUnrouted = createUnrouted({ ...parts, queue, onRouted: pumpAll });

  function pumpAll(): void {
    for (const lane of lanes.all()) {
      lane.noteBacklog();
      pump(lane);
    }
  }

  function tick(): void {
    if (isDraining) return;
    background.add(routeUnrouted());
    for (const lane of lanes.all()) {
      lane.noteTick(now());
      pump(lane);
      background.add(lane.quota.rest({ ifIdle: now() }));
    }
    alarm.set();
  }

  async function releaseReady(lane: Lane, to: ProviderId): Promise<void> {
    const messages = lane.takeAllReady();
    for (const message of messages) window.leave(lane.provider.id, message.mime.length);
    background.add(lane.quota.rest());
    await Promise.all(messages.map(message => recorder.giveBack(message, to, now())));
  }

  lanes.onClosed(lane => background.add(releaseReady(lane, NO_LANE).then(tick)));
  alarm.set();

  return {
    reserve(id, bytes, recipients) {
      const lane = lanes.of(id);
      if (lane === undefined || isDraining || recorder.isBehind() || !keeper.isFresh()) return false;
      const isHeld = lane.quota.heldUntil(recipients, now()) !== undefined;
      const canSend = lane.isUp && lane.transport.capacity > 0;
      return !lane.hasOlderDue && canSend && !isHeld && window.tryEnter(id, bytes);
    },
    handOver(message) {
      outcomes.hold(message.id);
      const lane = lanes.of(message.lane);
      if (lane === undefined || isDraining) {
        window.leave(message.lane, message.mime.length);
        background.add(recorder.giveBack(message, NO_LANE, now()));
        return;
      }
      lane.addReady(message);
      pump(lane);
    },
    forgo: (lane, bytes) => window.leave(lane, bytes),
    noteStored(id, dueAt) {
      const lane = lanes.of(id);
      if (lane === undefined) return;
      if (dueAt > now()) alarm.note(id, dueAt);
      else lane.noteBacklog();
      pump(lane);
    },
    firstOutcome: outcomes.wait,
    wake() {
      pumpAll();
      tick();
    },
    async drain() {
      isDraining = true;
      alarm.stop();
      // A claim that was under way may still bring messages: round again until nothing is left.
      do {
        for (const lane of lanes.all()) await releaseReady(lane, lane.provider.id);
        await background.ended();
      } while (!background.isIdle() || lanes.all().some(lane => lane.readyCount > 0));
    },
  };
}
