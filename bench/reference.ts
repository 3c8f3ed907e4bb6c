import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** A fixed calculation on all cores at the same time. It measures the current speed of the machine. */
export interface Reference {
  run(): Promise<ReferenceTime>;
  stop(): Promise<void>;
}

export interface ReferenceTime {
  /** Until the last core has finished. */
  readonly wallMs: number;
  /** CPU time of one core, on average. */
  readonly cpuMs: number;
}

/** Code of the worker: integer arithmetic without memory access or system calls. */
const WORK = `
  const { parentPort } = require('node:worker_threads');
  function work() {
    let x = 1;
    for (let i = 0; i < 60_000_000; i++) { x ^= x << 13; x ^= x >>> 17; x ^= x << 5; }
    return x;
  }
  parentPort.on('message', () => parentPort.postMessage(work()));
`;

/** Starts the worker threads. */
export async function startReference(): Promise<Reference> {
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(WORK, { eval: true }));

  async function run(): Promise<ReferenceTime> {
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    await Promise.all(workers.map(doWork));
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 / workers.length };
  }

  // Runs twice, so that V8 has compiled the loop before it is measured.
  for (let i = 0; i < 2; i++) await run();
  return {
    run,
    async stop() {
      await Promise.all(workers.map(worker => worker.terminate()));
    },
  };
}

/**
 * The slowdown of the machine: the mean time of the calculation, divided by the least CPU time that a core needed for it.
 * 1 means undisturbed. Other programs, and other virtual machines on the same host, increase it.
 */
export function slowdownOf(times: readonly ReferenceTime[], referenceMs: number): number {
  return times.reduce((sum, { wallMs }) => sum + wallMs, 0) / times.length / referenceMs;
}

function doWork(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => {
      worker.off('error', reject);
      resolve();
    });
    worker.once('error', reject);
    worker.postMessage('go');
  });
}
