import type { LeasedMessage } from '../../store/store.ts';
import type { BackgroundWork } from '../background-work.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import type { Recorder } from '../result-batcher.ts';
import type { Lane } from './lane.ts';
import type { Alarm } from './wake-timer.ts';

/** Holds the mail of a lane to the limits of its provider. What they hold back leaves memory, and no attempt of it counts. */
export interface Throttle {
  /** Whether nothing may go in the lane now. */
  holdsBack(lane: Lane): boolean;
  /** Whether the message may begin, which is counted then; else more is drawn from the limits. */
  admits(lane: Lane, message: LeasedMessage): boolean;
}

export interface ThrottleParts {
  readonly window: MemoryBudget;
  readonly recorder: Recorder;
  readonly alarm: Alarm;
  readonly background: BackgroundWork;
  readonly now: () => number;
  readonly isDraining: () => boolean;
  /** Told of a lane whose limits were asked for more. */
  readonly onDrawn: (lane: Lane) => void;
}

export function createThrottle(parts: ThrottleParts): Throttle {
  const { background, now } = parts;

  async function draw(lane: Lane, recipients: number): Promise<void> {
    lane.reservationStarted();
    try {
      const retryAt = await lane.quota.draw(recipients, now());
      if (retryAt !== undefined) setAside(parts, lane);
      if (lane.isClosed || parts.isDraining()) await lane.quota.rest();
    } finally {
      lane.reservationEnded();
    }
    parts.onDrawn(lane);
  }

  return {
    holdsBack(lane) {
      if (lane.isReserving) return true;
      if (lane.quota.heldUntil(1, now()) === undefined) return false;
      if (lane.readyCount > 0) setAside(parts, lane);
      return true;
    },
    admits(lane, { recipients }) {
      if (lane.quota.take(recipients.length)) return true;
      if (!lane.isReserving) background.add(draw(lane, recipients.length));
      return false;
    },
  };
}

/** Gives back what the limits hold: to its old place when the whole lane waits, else until there may be enough for it. */
function setAside({ window, recorder, alarm, background, now }: ThrottleParts, lane: Lane): void {
  const { provider, quota } = lane;
  const isWhole = quota.heldUntil(1, now()) !== undefined;
  for (const message of lane.takeAllReady()) {
    const until = quota.heldUntil(message.recipients.length, now());
    if (until === undefined) {
      lane.addReady(message);
      continue;
    }
    window.leave(provider.id, message.mime.length);
    background.add(recorder.giveBack(message, provider.id, isWhole ? message.createdAt : until));
    if (isWhole) lane.noteBacklog();
    else alarm.note(provider.id, until);
  }
  alarm.set();
}
