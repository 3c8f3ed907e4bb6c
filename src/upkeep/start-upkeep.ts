import { createRescue, type RescueContext, type Rescued } from '../delivery/rescue.ts';
import type { Retention } from '../store/store.ts';
import { type Periodic, runPeriodically } from './periodic.ts';
import { rescueDead } from './rescue-dead.ts';
import { applyRetention } from './retention.ts';
import { feedSearchIndex } from './search-index.ts';

export interface UpkeepOptions {
  readonly rescue: RescueContext;
  /** Whether this node may declare others dead; see LeaseRenewal. */
  readonly canDeclareDead: () => boolean;
  readonly retention: Retention;
  readonly onRescued: (rescued: Rescued) => void;
  readonly onError: (error: unknown) => void;
}

/** Starts all periodic jobs. A new job adds its line here. */
export function startUpkeep({
  rescue,
  canDeclareDead,
  retention,
  onRescued,
  onError,
}: UpkeepOptions): Periodic {
  const { store, now } = rescue;
  const run = createRescue(rescue);
  const jobs = [
    runPeriodically(() => rescueDead(run, canDeclareDead, onRescued), onError),
    runPeriodically(() => feedSearchIndex(store), onError),
    runPeriodically(() => applyRetention(store, retention, now()), onError),
  ];
  return {
    async stop() {
      await Promise.all(jobs.map(job => job.stop()));
    },
  };
}
