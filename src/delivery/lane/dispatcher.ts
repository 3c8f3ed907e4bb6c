import type { MessageId, ProviderId } from '../../core/message.ts';
import { type Finish, type LeasedMessage, NO_LANE, type Store } from '../../store/store.ts';
import type { AttemptContext } from '../attempt-context.ts';
import { createBackgroundWork } from '../background-work.ts';
import { createFirstOutcomes } from '../first-outcomes.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import { createResultWriter } from '../result-writer.ts';
import type { DispatchContext } from './dispatch-context.ts';
import { DispatchLoop } from './dispatch-loop.ts';
import type { Lanes } from './lanes.ts';
import { createWakeTimer } from './wake-timer.ts';

/** Delivers due messages, lane by lane. `dispatch-loop.ts` has the steps; this is what the rest of the program calls. */
export interface Dispatcher {
  /**
   * Asks to hand a message over from memory once it is stored. True when nothing older is due in its lane, the lane can
   * send, its limits allow so many recipients and memory has room. Either `deliver` or `release` must follow then.
   */
  reserve(lane: ProviderId, bytes: number, recipients: number): boolean;
  /** Takes a message that was stored under our lease after `reserve`. */
  deliver(message: LeasedMessage): void;
  /** Gives up what `reserve` reserved. */
  release(lane: ProviderId, bytes: number): void;
  /** A message was stored for a lane without `reserve`. `dueAt` in epoch ms. */
  noteStored(lane: ProviderId, dueAt: number): void;
  /**
   * Resolves with the result of the first attempt of a message that was handed over, after failover. Resolves with
   * `queued` when the message is not in memory, when it returns to the store without an attempt, or when the signal aborts.
   */
  firstOutcome(id: MessageId, signal: AbortSignal): Promise<Finish | 'queued'>;
  /** Something may be due in any lane: after a retry by hand, or with a new provider. */
  wake(): void;
  /** Starts nothing more, returns what has not started to the store, and resolves once what is under way has ended. */
  drain(): Promise<void>;
}

export interface DispatcherOptions {
  readonly store: Store;
  readonly lanes: Lanes;
  readonly memory: MemoryBudget;
  readonly attempts: AttemptContext;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called with every unexpected error of work in the background. */
  readonly onError: (error: unknown) => void;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { store, lanes, memory, attempts, now } = options;
  const { queue } = store;
  const { lease } = attempts.leaseRenewal;
  const background = createBackgroundWork(options.onError);
  const outcomes = createFirstOutcomes();
  const results = createResultWriter({ queue, lease, outcomes, signal: attempts.signal });
  const timer = createWakeTimer(lanes, now, () => loop.tick());
  const context: DispatchContext = {
    ...{ queue, lease, lanes, memory, results, attempts, background, timer, now },
  };
  const loop = new DispatchLoop(context);
  lanes.onClosed(lane => background.add(loop.laneClosed(lane)));
  timer.set();

  return {
    reserve: (lane, bytes, recipients) => reserve(context, loop, { lane, bytes, recipients }),
    deliver(message) {
      outcomes.hold(message.id);
      deliverNow(context, loop, message);
    },
    release: (lane, bytes) => memory.leave(lane, bytes),
    noteStored(id, dueAt) {
      const lane = lanes.of(id);
      if (lane === undefined) return;
      if (dueAt > now()) loop.noteDue(id, dueAt);
      else lane.noteBacklog();
      loop.run(lane);
    },
    firstOutcome: outcomes.wait,
    wake() {
      loop.runAll();
      loop.tick();
    },
    drain: () => loop.drain(),
  };
}

function reserve(
  { lanes, memory, now }: DispatchContext,
  loop: DispatchLoop,
  wanted: { readonly lane: ProviderId; readonly bytes: number; readonly recipients: number },
): boolean {
  const lane = lanes.of(wanted.lane);
  if (lane === undefined || loop.waitCause(lane) !== undefined) return false;
  if (lane.hasOlderDue || !lane.isUp || lane.transport.capacity === 0) return false;
  if (lane.quota.limitedUntil(wanted.recipients, now()) !== undefined) return false;
  return memory.tryEnter(wanted.lane, wanted.bytes);
}

/** The lane may have closed since `reserve`: the message then returns to the store. */
function deliverNow(context: DispatchContext, loop: DispatchLoop, message: LeasedMessage): void {
  const { lanes, memory, results, background, now } = context;
  const lane = lanes.of(message.lane);
  if (lane !== undefined && loop.waitCause(lane) !== 'shutdown') {
    lane.addReady(message);
    loop.run(lane);
    return;
  }
  memory.leave(message.lane, message.mime.length);
  background.add(results.giveBack(message, NO_LANE, now()));
}
