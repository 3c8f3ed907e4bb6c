import type { Json } from '../core/event.ts';
import type { AttemptRecord } from '../core/message-view.ts';
import type { HealthSignal } from '../core/outcome.ts';
import type { Logger } from '../process/log.ts';
import type { History, LeasedMessage } from '../store/store.ts';
import type { AttemptContext } from './attempt-context.ts';
import type { BreakerChange } from './lane/circuit-breaker.ts';
import type { Lane } from './lane/lane.ts';
import type { SharedBreakers } from './lane/shared-breakers.ts';

export interface AttemptObserver {
  readonly history: Pick<History, 'record'>;
  readonly breakers: Pick<SharedBreakers, 'publish'>;
  readonly logger: Logger;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called after every transaction, for the metrics. */
  readonly onAttempt: (provider: number, record: AttemptRecord, healthSignal: HealthSignal) => void;
}

/** After every transaction: a log line, the metrics, and the breaker of the provider. */
export function observeAttempts(observer: AttemptObserver): AttemptContext['onTransmission'] {
  return (message, lane, record, healthSignal) => {
    logAttempt(observer.logger, message, record);
    observer.onAttempt(lane.provider.id, record, healthSignal);
    const breaker = lane.breaker.note(healthSignal, observer.now());
    if (breaker !== undefined) reportBreaker(observer, lane, { breaker, healthSignal, record });
  };
}

/** One line for each attempt. It has no body, no addresses and no secrets. */
function logAttempt(logger: Logger, message: LeasedMessage, record: AttemptRecord): void {
  const { number, provider, phase, reply, error, durationMs, remote } = record;
  logger.info(
    {
      id: message.id,
      attempt: number,
      provider,
      phase,
      code: reply?.code,
      enhanced: reply?.enhanced,
      error,
      remote,
      ms: durationMs,
      recipients: message.recipients.length,
    },
    'attempt',
  );
}

interface BreakerEvent {
  readonly breaker: BreakerChange;
  readonly healthSignal: HealthSignal;
  readonly record: AttemptRecord;
}

/** A breaker that opened or closed is an alert event in the history, and other nodes learn of it. */
function reportBreaker(
  { history, breakers, logger, now }: AttemptObserver,
  { provider }: Lane,
  { breaker, healthSignal, record }: BreakerEvent,
): void {
  breakers.publish(provider.id, breaker);
  const reason = record.reply?.text ?? record.error ?? '';
  const data: Record<string, Json> = { breaker, sign: healthSignal, reason, phase: record.phase };
  logger.warn({ provider: provider.id, ...data }, `breaker ${breaker}`);
  void history
    .record({ at: now(), type: 'alert', provider: provider.id, data })
    .catch(error => logger.error({ err: error }, 'an alert event could not be written'));
}
