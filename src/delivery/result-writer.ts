import { AppError } from '../core/errors.ts';
import type { ProviderId } from '../core/message.ts';
import { type Finish, type LeasedMessage, type LeaseId, NO_LANE, type Queue } from '../store/store.ts';
import type { FirstOutcomes } from './first-outcomes.ts';

/** Ends the leases of messages in the store. It repeats a write until the store takes it, so that no result is lost. */
export interface ResultWriter {
  /** Writes the results of a message, then resolves its first outcome. */
  record(finish: Finish): Promise<void>;
  /** Returns a message to a lane in the store, as if it had not been claimed. `dueAt` in epoch ms. */
  giveBack(message: LeasedMessage, lane: ProviderId, dueAt: number): Promise<void>;
  /** Moves the mail of a lane that closed to NO_LANE, where it gets another lane. */
  freeLane(lane: ProviderId): Promise<void>;
  /** True while the store has not taken a result. Nothing more may be sent then. */
  isBehind(): boolean;
}

export interface ResultWriterOptions {
  readonly queue: Queue;
  readonly lease: LeaseId;
  readonly outcomes: FirstOutcomes;
  /** Aborted at the end of the grace period of a shutdown. */
  readonly signal: AbortSignal;
}

/** Pause before the next try to write a result. */
const RETRY_MS = 1_000;

export function createResultWriter({ queue, lease, outcomes, signal }: ResultWriterOptions): ResultWriter {
  /** Writes that the store has refused and that are tried again. */
  let unwritten = 0;

  async function untilWritten<T>(write: () => Promise<T>): Promise<T> {
    let wasRefused = false;
    for (;;) {
      try {
        const written = await write();
        if (wasRefused) unwritten -= 1;
        return written;
      } catch (error) {
        if (!(error instanceof AppError) || signal.aborted) throw error;
        if (!wasRefused) unwritten += 1;
        wasRefused = true;
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  return {
    async record(finish) {
      const isOurs = await untilWritten(() => queue.finish(finish));
      outcomes.resolve(finish.id, isOurs ? finish : 'queued');
    },
    async giveBack({ id }, lane, dueAt) {
      await untilWritten(() => queue.release({ id, lease, lane, dueAt }));
      outcomes.resolve(id, 'queued');
    },
    async freeLane(lane) {
      await untilWritten(() => queue.moveLane(lane, NO_LANE));
    },
    isBehind: () => unwritten > 0,
  };
}
