import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AttemptRecord } from '../core/message-view.ts';
import type { HealthSignal } from '../core/outcome.ts';
import type { Store } from '../store/store.ts';

/** The counters of the gate. `/metrics` prints them in the text format of Prometheus. */
export interface Metrics {
  accepted(dialect: string, bytes: number): void;
  attempt(provider: number, record: AttemptRecord, signal: HealthSignal): void;
  answered(dialect: string, status: number, durationMs: number): void;
  rescued(kind: 'not-sent' | 'answered' | 'unknown', count: number): void;
  text(): Promise<{ contentType: string; text: string }>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Calls `droppedLines` and the store only when the metrics are read. */
export function createMetrics(store: Store, droppedLines: () => number): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const accepted = new Counter({
    name: 'postern_messages_accepted_total',
    help: 'Messages accepted, by API.',
    labelNames: ['dialect'],
    registers,
  });
  const bytes = new Counter({
    name: 'postern_accepted_bytes_total',
    help: 'Bytes of accepted messages.',
    registers,
  });
  const attempts = new Counter({
    name: 'postern_attempts_total',
    help: 'SMTP transactions, by provider, last phase and class of the reply (0: no reply).',
    labelNames: ['provider', 'phase', 'class'],
    registers,
  });
  const attemptSeconds = new Histogram({
    name: 'postern_attempt_seconds',
    help: 'Duration of SMTP transactions.',
    labelNames: ['provider'],
    buckets: SECONDS,
    registers,
  });
  const trouble = new Counter({
    name: 'postern_provider_trouble_total',
    help: 'Attempts that failed because of the provider itself, by signal.',
    labelNames: ['provider', 'sign'],
    registers,
  });
  const answered = new Histogram({
    name: 'postern_http_request_seconds',
    help: 'Duration of HTTP requests, by API and status.',
    labelNames: ['dialect', 'status'],
    buckets: SECONDS,
    registers,
  });
  const rescued = new Counter({
    name: 'postern_rescued_messages_total',
    help: 'Messages taken over from processes that died, by the state in their wire journal.',
    labelNames: ['kind'],
    registers,
  });
  addGauges(registers, store, droppedLines);

  return {
    accepted(dialect, size) {
      accepted.inc({ dialect });
      bytes.inc(size);
    },
    attempt(provider, { phase, reply, durationMs }, signal) {
      attempts.inc({ provider, phase, class: Math.floor((reply?.code ?? 0) / 100) });
      attemptSeconds.observe({ provider }, durationMs / 1000);
      if (signal !== 'good' && signal !== 'none') trouble.inc({ provider, sign: signal });
    },
    answered: (dialect, status, durationMs) => answered.observe({ dialect, status }, durationMs / 1000),
    rescued: (kind, count) => rescued.inc({ kind }, count),
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function addGauges(registers: Registry[], store: Store, droppedLines: () => number): void {
  new Gauge({
    name: 'postern_queue_messages',
    help: 'Messages in the queue, by provider (0: no provider serves them).',
    labelNames: ['lane'],
    registers,
    async collect() {
      this.reset();
      for (const { lane, waiting } of await store.queue.depth()) this.set({ lane }, waiting);
    },
  });
  new Gauge({
    name: 'postern_log_lines_dropped',
    help: 'Log lines that were dropped because the reader of the log was too slow.',
    registers,
    collect() {
      this.set(droppedLines());
    },
  });
}
