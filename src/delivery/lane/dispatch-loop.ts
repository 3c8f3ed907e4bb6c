import { type Finish, type LeasedMessage, NO_LANE, type Store } from '../../store/store.ts';
import { type AttemptContext, attempt } from '../attempt.ts';
import type { BackgroundWork } from '../background-work.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import type { Recorder } from '../result-batcher.ts';
import { createClaims } from './claims.ts';
import { createDetour } from './failover.ts';
import type { Lane } from './lane.ts';
import type { Lanes } from './lanes.ts';
import { routeFrom } from './message-route.ts';
import { createThrottle } from './throttle.ts';
import type { Alarm } from './wake-timer.ts';

export interface PumpParts {
  readonly store: Store;
  readonly lanes: Lanes;
  readonly window: MemoryBudget;
  readonly attempts: AttemptContext;
  readonly recorder: Recorder;
  readonly alarm: Alarm;
  readonly background: BackgroundWork;
  readonly now: () => number;
  readonly isDraining: () => boolean;
}

/** Starts what a lane may start now, and fetches more for it; to be called whenever one of both may have changed. */
export type Pump = (lane: Lane) => void;

export function createPump(parts: PumpParts): Pump {
  const { store, lanes, window, attempts, recorder, background, now } = parts;
  const { lease } = attempts.keeper;
  const claims = createClaims({ ...parts, queue: store.queue, lease, onClaimed: pump });
  const detour = createDetour({ lanes, window, recorder, claims, background, now, pump });
  const throttle = createThrottle({ ...parts, onDrawn: pump });

  function pump(lane: Lane): void {
    if (parts.isDraining() || recorder.isBehind() || lane.isClosed || !attempts.keeper.isFresh()) return;
    if (lane.isPaused || throttle.holdsBack(lane)) return;
    let room = lane.freeSlots(now());
    for (let next = lane.peekReady(); room > 0 && next !== undefined; next = lane.peekReady()) {
      if (!throttle.admits(lane, next)) return;
      lane.takeReady();
      room -= 1;
      begin(lane, next);
    }
    // The next ones are fetched before the last one has gone, so that no connection waits for the store.
    const isLow = lane.isUp && lane.readyCount < lane.transport.capacity;
    if (room > 0 || isLow) claims.claimIfDue(lane);
    else if (!lane.isUp) detour(lane);
  }

  function begin(lane: Lane, message: LeasedMessage): void {
    lane.attemptStarted();
    background.add(
      carry(lane, message).finally(() => {
        window.leave(lane.provider.id, message.mime.length);
        pump(lane);
      }),
    );
  }

  async function carry(lane: Lane, message: LeasedMessage): Promise<void> {
    const route = routeFrom(lanes, lane, message);
    let finish: Finish | undefined;
    try {
      if (route.length > 0) finish = await attempt(attempts, message, route);
      else lane.quota.putBack(message.recipients.length);
    } finally {
      lane.attemptEnded();
    }
    if (lane.isClosed || parts.isDraining()) background.add(lane.quota.rest());
    // The next message need not wait until the disk has this result: the wire journal has it.
    pump(lane);
    if (finish === undefined) await recorder.giveBack(message, NO_LANE, now());
    else await recorder.record(finish);
  }

  return pump;
}
