import type { AttemptRecord } from '../core/message-view.ts';
import type { HealthSignal } from '../core/outcome.ts';
import type { Provider } from '../core/provider.ts';
import type { SettlePolicy } from '../core/settle.ts';
import type { Logger } from '../process/log.ts';
import type { Store } from '../store/store.ts';
import type { AttemptContext } from './attempt-context.ts';
import { createDispatcher, type Dispatcher } from './lane/dispatcher.ts';
import { healthOfLane, type LaneHealth } from './lane/lane-health.ts';
import { createLanes, type MakeTransport } from './lane/lanes.ts';
import { type SharedBreakers, shareBreakerStates } from './lane/shared-breakers.ts';
import type { LeaseRenewal } from './lease-renewal.ts';
import { createMemoryBudget, type MemoryLimits } from './memory-budget.ts';
import { observeAttempts } from './observe-attempts.ts';

/** Delivery, for the rest of the program. */
export interface Delivery {
  readonly dispatcher: Dispatcher;
  /** All providers as they are now, disabled ones too. */
  providers(): readonly Provider[];
  /** The health of the enabled providers. */
  health(): readonly LaneHealth[];
  /** Resolves once all changes of providers so far are in effect. */
  settled(): Promise<void>;
  /** Starts nothing more, waits `graceMs` for what is under way, then aborts it. When it resolves, no message is leased. */
  stop(graceMs: number): Promise<void>;
}

export interface DeliveryOptions {
  readonly store: Store;
  readonly leaseRenewal: LeaseRenewal;
  readonly makeTransport: MakeTransport;
  readonly memory: MemoryLimits;
  readonly policy: SettlePolicy;
  /** Epoch ms. */
  readonly now: () => number;
  /** 0 ≤ random < 1. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Called after every transaction, for the metrics. */
  readonly onAttempt: (provider: number, record: AttemptRecord, healthSignal: HealthSignal) => void;
}

/** Opens the lanes of the enabled providers and starts to deliver what is due. */
export async function startDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { store, leaseRenewal, now, logger } = options;
  const onError = (error: unknown) => logger.error({ err: error }, 'an error in delivery');
  const lanes = createLanes(store, options.makeTransport, onError);
  await lanes.refresh();
  const breakers = await shareBreakerStates({
    ...{ registry: store.registry, lanes, lease: leaseRenewal.lease, now, onError },
    onChange: () => dispatcher.wake(),
  });
  const grace = new AbortController();
  const attempts = attemptContext(options, breakers, grace.signal);
  const memory = createMemoryBudget(options.memory);
  const dispatcher = createDispatcher({ store, lanes, memory, attempts, now, onError });
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
      breakers.stop();
      const timer = setTimeout(() => grace.abort(), graceMs);
      await dispatcher.drain();
      clearTimeout(timer);
      await lanes.close();
    },
  };
}

function attemptContext(
  { store, leaseRenewal, now, random, policy, logger, onAttempt }: DeliveryOptions,
  breakers: SharedBreakers,
  signal: AbortSignal,
): AttemptContext {
  const { journal } = store.nodes;
  return {
    ...{ journal, leaseRenewal, now, random, policy, signal },
    onTransmission: observeAttempts({ history: store.history, breakers, logger, now, onAttempt }),
    onBug: error => logger.error({ err: error }, 'a transport failed with a bug'),
  };
}

/** Delivery that sends nothing, for commands that only read the store. Accepted mail waits. */
export async function createIdleDelivery(store: Store): Promise<Delivery> {
  const providers = await store.registry.list('provider');
  return {
    dispatcher: {
      reserve: () => false,
      deliver: () => {},
      release: () => {},
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
