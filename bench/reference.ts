import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** A fixed piece of work, done on all cores at once: says how fast the machine is at the moment. */
export interface Reference {
  run(): Promise<ReferenceTime>;
  stop(): Promise<void>;
}

export interface ReferenceTime {
  /** Until the last core was through. */
  readonly wallMs: number;
  /** What one core had to do for it. */
  readonly cpuMs: number;
}

/** Runs in the worker: integer arithmetic, no memory, no system calls. */
const WORK = `
  const { parentPort } = require('node:worker_threads');
  function work() {
    let x = 1;
    for (let i = 0; i < 60_000_000; i++) { x ^= x << 13; x ^= x >>> 17; x ^= x << 5; }
    return x;
  }
  parentPort.on('message', () => parentPort.postMessage(work()));
`;

/** Starts the threads, which wait until there is something to do. */
export async function startReference(): Promise<Reference> {
  const workers = Array.from({ length: availableParallelism() }, () => new Worker(WORK, { eval: true }));

  async function run(): Promise<ReferenceTime> {
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    await Promise.all(workers.map(doWork));
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 / workers.length };
  }

  // Twice: the loop must be compiled before it is timed.
  for (let i = 0; i < 2; i++) await run();
  return {
    run,
    async stop() {
      await Promise.all(workers.map(worker => worker.terminate()));
    },
  };
}

/**
 * How much slower than its best a machine was: the time that the work took in the mean, by the least CPU time that a
 * core ever needed for it. 1 is undisturbed; other programs, and a host that gives the machine's cores to others, add.
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
