import type { AttemptRecord } from '../core/message-view.ts';
import type { HealthSignal } from '../core/outcome.ts';
import type { LeasedMessage, WireJournal } from '../store/store.ts';
import type { Lane } from './lane/lane.ts';
import type { LeaseRenewal } from './lease-renewal.ts';
import type { SettleContext } from './recipient-result.ts';

/** What every attempt needs. */
export interface AttemptContext extends SettleContext {
  readonly journal: WireJournal;
  readonly leaseRenewal: LeaseRenewal;
  /** Aborted at the end of the grace period of a shutdown. */
  readonly signal: AbortSignal;
  /** Called after every transaction. */
  readonly onTransmission: (
    message: LeasedMessage,
    lane: Lane,
    record: AttemptRecord,
    healthSignal: HealthSignal,
  ) => void;
  /** Called with the error of a bug in a transport. The attempt then counts as failed, or as unknown after the dot. */
  readonly onBug: (error: unknown) => void;
}
