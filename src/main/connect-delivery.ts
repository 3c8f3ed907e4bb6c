import type { Config } from '../config/config-schema.ts';
import { createIds } from '../core/id.ts';
import { type Delivery, startDelivery } from '../delivery/delivery.ts';
import { createSubmit, type Submit } from '../submit/submit.ts';
import type { UpkeepOptions } from '../upkeep/start-upkeep.ts';
import { newName, now } from './clock-and-randomness.ts';
import type { Foundation } from './resources.ts';

const MAX_SCHEDULE_MS = 30 * 86_400_000;

/** Starts to work off the queue. */
export function deliver(foundation: Foundation): Promise<Delivery> {
  const { config, store, keeper, metrics, log, makeTransport } = foundation;
  const { windowMessages: messages, windowBytes: bytes } = config.delivery;
  return startDelivery({
    store,
    leaseRenewal: keeper,
    makeTransport,
    memory: { messages, bytes },
    policy: settlePolicy(config),
    now,
    random: Math.random,
    logger: log.logger,
    onAttempt: metrics.attempt,
  });
}

function settlePolicy({ delivery }: Config) {
  return { unknown: delivery.unknownPolicy, unknownRetryMs: delivery.unknownRetryMs };
}

/** What is done now and then. */
export function upkeepOptions({ config, store, keeper, metrics, log }: Foundation): UpkeepOptions {
  return {
    rescue: { store, lease: keeper.lease, now, random: Math.random, policy: settlePolicy(config) },
    retention: config.retention,
    canDeclareDead: keeper.canDeclareDead,
    onRescued(rescued) {
      log.logger.warn(rescued, 'took over from a process that died');
      metrics.rescued('not-sent', rescued.notSent);
      metrics.rescued('answered', rescued.answered);
      metrics.rescued('unknown', rescued.unknown);
    },
    onError: error => log.logger.error({ err: error }, 'a periodic job failed'),
  };
}

/** The way in, joined to the queue and to delivery. */
export function openWayIn({ config, store, keeper, metrics, log }: Foundation, delivery: Delivery): Submit {
  const { limits } = config;
  const { expiryMs, maxExpiryMs } = config.delivery;
  return createSubmit({
    store,
    delivery: delivery.dispatcher,
    lease: keeper.lease,
    providers: delivery.providers,
    policy: { ...limits, expiryMs, maxExpiryMs, maxScheduleMs: MAX_SCHEDULE_MS },
    newId: createIds(keeper.node, now),
    newToken: newName,
    now,
    onAccepted(message) {
      const { id, dialect, account, envelope, mime } = message;
      log.logger.info(
        { id, dialect, account, recipients: envelope.recipients.length, bytes: mime.length },
        'accepted',
      );
      metrics.accepted(dialect, mime.length);
    },
  });
}
