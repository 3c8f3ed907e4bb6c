import type { AttemptRecord } from '../core/message-view.ts';
import type { LaneSign } from '../core/outcome.ts';
import type { Provider } from '../core/provider.ts';
import type { SettlePolicy } from '../core/settle.ts';
import type { Logger } from '../process/log.ts';
import type { Store } from '../store/store.ts';
import { createDispatcher, type Dispatcher } from './lane/dispatcher.ts';
import { healthOfLane, type LaneHealth } from './lane/lane-health.ts';
import { createLanes, type MakeTransport } from './lane/lanes.ts';
import { shareBreakers } from './lane/shared-breakers.ts';
import type { LeaseRenewal } from './lease-renewal.ts';
import { createMemoryBudget, type MemoryLimits } from './memory-budget.ts';
import { observeAttempts } from './observe-attempts.ts';

/** Delivery as the rest of the gate sees it. */
export interface Delivery {
  readonly dispatcher: Dispatcher;
  /** All providers, disabled ones too, as they are now. */
  providers(): readonly Provider[];
  /** How the enabled providers do. */
  health(): readonly LaneHealth[];
  /** Resolves once mail goes by every change of the providers that was made so far. */
  settled(): Promise<void>;
  /** Starts nothing more, waits for what is under way, after `graceMs` cuts it off; then nothing is leased any more. */
  stop(graceMs: number): Promise<void>;
}

export interface DeliveryOptions {
  readonly store: Store;
  readonly leaseRenewal: LeaseRenewal;
  readonly makeTransport: MakeTransport;
  readonly memory: MemoryLimits;
  readonly policy: SettlePolicy;
  readonly now: () => number;
  readonly random: () => number;
  readonly logger: Logger;
  readonly onAttempt: (provider: number, record: AttemptRecord, sign: LaneSign) => void;
}

/** Opens the lanes of the enabled providers and starts to work them off. */
export async function startDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { store, leaseRenewal, now, random, policy, logger } = options;
  const onError = (error: unknown) => logger.error({ err: error }, 'delivery met an error');
  const lanes = createLanes(store, options.makeTransport, onError);
  await lanes.refresh();
  const hints = await shareBreakers({
    ...{ registry: store.registry, lanes, lease: leaseRenewal.lease, now, onError },
    onHeard: () => dispatcher.wake(),
  });
  const grace = new AbortController();
  const dispatcher = createDispatcher({
    store,
    lanes,
    memory: createMemoryBudget(options.memory),
    now,
    onError,
    attempts: {
      journal: store.nodes.journal,
      leaseRenewal,
      now,
      random,
      policy,
      signal: grace.signal,
      onTransmission: observeAttempts({
        ...{ history: store.history, breakers: hints, logger, now, onAttempt: options.onAttempt },
      }),
      onBug: error => logger.error({ err: error }, 'a transport met a bug'),
    },
  });
  const stopFollowing = store.registry.onChange(kind => {
    if (kind === 'provider') lanes.refresh().then(() => dispatcher.wake(), onError);
  });

  return {
    dispatcher,
    providers: lanes.providers,
    health: () => lanes.all().map(healthOfLane),
    settled: lanes.settled,
    async stop(graceMs) {
      stopFollowing();
      hints.stop();
      const timer = setTimeout(() => grace.abort(), graceMs);
      await dispatcher.drain();
      clearTimeout(timer);
      await lanes.close();
    },
  };
}

/** Delivery for commands that only look at the store: nothing is sent, accepted mail waits. */
export async function standStill(store: Store): Promise<Delivery> {
  const providers = await store.registry.list('provider');
  return {
    dispatcher: {
      reserve: () => false,
      handOver: () => {},
      forgo: () => {},
      noteStored: () => {},
      wake: () => {},
      firstOutcome: async () => 'queued',
      drain: async () => {},
    },
    providers: () => providers,
    health: () => [],
    settled: async () => {},
    stop: async () => {},
  };
}
