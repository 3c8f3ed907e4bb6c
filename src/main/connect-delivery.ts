import type { Config } from '../config/config-schema.ts';
import { createIds } from '../core/id.ts';
import { type Delivery, startDelivery } from '../delivery/delivery.ts';
import { createSubmit, type Submit } from '../submit/submit.ts';
import type { UpkeepOptions } from '../upkeep/start-upkeep.ts';
import { newToken, now } from './clock-and-randomness.ts';
import type { Resources } from './resources.ts';

const MAX_SCHEDULE_MS = 30 * 86_400_000;

/** Starts to deliver the mail of the queue. */
export function connectDelivery(resources: Resources): Promise<Delivery> {
  const { config, store, leaseRenewal, metrics, log, makeTransport } = resources;
  const { windowMessages: messages, windowBytes: bytes } = config.delivery;
  return startDelivery({
    store,
    leaseRenewal,
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

/** Options of the periodic jobs. */
export function upkeepOptions({ config, store, leaseRenewal, metrics, log }: Resources): UpkeepOptions {
  return {
    rescue: { store, lease: leaseRenewal.lease, now, random: Math.random, policy: settlePolicy(config) },
    retention: config.retention,
    canDeclareDead: leaseRenewal.canDeclareDead,
    onRescued(rescued) {
      log.logger.warn(rescued, 'took over from a process that died');
      metrics.rescued('not-sent', rescued.notSent);
      metrics.rescued('answered', rescued.answered);
      metrics.rescued('unknown', rescued.unknown);
    },
    onError: error => log.logger.error({ err: error }, 'a periodic job failed'),
  };
}

/** Creates `submit`, which stores a message and passes it to delivery. */
export function connectSubmit(
  { config, store, leaseRenewal, metrics, log }: Resources,
  delivery: Delivery,
): Submit {
  const { limits } = config;
  const { expiryMs, maxExpiryMs } = config.delivery;
  return createSubmit({
    store,
    delivery: delivery.dispatcher,
    lease: leaseRenewal.lease,
    providers: delivery.providers,
    policy: { ...limits, expiryMs, maxExpiryMs, maxScheduleMs: MAX_SCHEDULE_MS },
    newId: createIds(leaseRenewal.node, now),
    newToken,
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
