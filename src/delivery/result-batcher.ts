import { AppError } from '../core/errors.ts';
import type { ProviderId } from '../core/message.ts';
import { type Finish, type LeasedMessage, type LeaseId, NO_LANE, type Queue } from '../store/store.ts';
import type { FirstOutcomes } from './first-outcomes.ts';
import type { Lanes } from './lane/lanes.ts';
import type { Alarm } from './lane/wake-timer.ts';

/** Ends the leases of messages, and never gives up doing so: what was sent must not be forgotten, nor what is still to be sent. */
export interface Recorder {
  /** Writes what became of a message, and tells those who wait for it. */
  record(finish: Finish): Promise<void>;
  /** Gives a message back as if it had not been claimed. */
  giveBack(message: LeasedMessage, lane: ProviderId, dueAt: number): Promise<void>;
  /** Whether there is something that the store could not take yet: then nothing more is to be sent. */
  isBehind(): boolean;
}

export interface RecorderParts {
  readonly queue: Queue;
  readonly lease: LeaseId;
  readonly lanes: Lanes;
  readonly alarm: Alarm;
  readonly outcomes: FirstOutcomes;
  /** Aborted when the grace of a shutdown is over. */
  readonly signal: AbortSignal;
}

/** How long to wait before writing again what the store could not take. */
const RETRY_MS = 1_000;

export function createRecorder({ queue, lease, lanes, alarm, outcomes, signal }: RecorderParts): Recorder {
  let unrecorded = 0;

  async function insist<T>(write: () => Promise<T>): Promise<T> {
    let isWaiting = false;
    for (;;) {
      try {
        const written = await write();
        if (isWaiting) unrecorded -= 1;
        return written;
      } catch (error) {
        if (!(error instanceof AppError) || signal.aborted) throw error;
        if (!isWaiting) unrecorded += 1;
        isWaiting = true;
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Makes sure that what is still due is looked at in time, also when its lane was closed meanwhile. */
  async function noteDue({ results, lane }: Finish): Promise<void> {
    const times = results.flatMap(({ dueAt }) => dueAt ?? []);
    if (times.length === 0) return;
    if (lanes.of(lane) === undefined && lane !== NO_LANE) await insist(() => queue.moveLane(lane, NO_LANE));
    alarm.note(lane, Math.min(...times));
  }

  return {
    async record(finish) {
      const isOurs = await insist(() => queue.finish(finish));
      outcomes.tell(finish.id, isOurs ? finish : 'queued');
      await noteDue(finish);
    },
    async giveBack({ id }, lane, dueAt) {
      await insist(() => queue.release({ id, lease, lane, dueAt }));
      outcomes.tell(id, 'queued');
    },
    isBehind: () => unrecorded > 0,
  };
}
