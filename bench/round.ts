import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { Gate } from './gate.ts';
import type { LoadResult } from './load/http-load.ts';
import { countMessages, type MessageCounts } from './message-counts.ts';
import type { Planned } from './plan.ts';
import { cpuSecondsOf, peakBytesOf } from './processes.ts';
import { type ReferenceTime, slowdownOf } from './reference.ts';
import type { Rig } from './rig.ts';
import type { Collected } from './sink/arrivals.ts';
import type { Figures } from './summary.ts';

/** The measurements of a round. */
export interface Round extends Planned {
  readonly load: LoadResult;
  readonly collected: Collected;
  readonly counts: MessageCounts;
  /** CPU seconds that each part used. */
  readonly cpu: Cpu;
  /** The sum for all gates, since their start. */
  readonly peakBytes: number;
  /** Immediately before and after the round. */
  readonly reference: readonly ReferenceTime[];
}

type Part = 'gates' | 'server' | 'load' | 'sink';
type Cpu = Readonly<Record<Part, number>>;

const ROUND_TIMEOUT_MS = 300_000;
/** Missing messages are counted as lost when nothing has arrived for this time. */
const IDLE_TIMEOUT_MS = 15_000;
/** Wait after the last message: the gate still records its result, and a second copy may still arrive. */
const SETTLE_MS = 300;
const MEGABYTE = 1e6;

/** Submits messages and waits until all of them have arrived. */
export async function runRound(rig: Rig, planned: Planned, stopped: AbortSignal): Promise<Round> {
  const cluster = rig.clusters[planned.cluster];
  if (cluster === undefined) throw new Error('A round was planned for a cluster that does not exist.');
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(ROUND_TIMEOUT_MS)]);
  const before = await rig.reference.run();
  const cpuBefore = readCpu(rig, cluster);
  const { first, count } = planned;
  const { targets, connections } = cluster;
  const task = { targets, connections, first, count };
  const load = await rig.load.ask({ ...task, timeoutMs: ROUND_TIMEOUT_MS }, signal);
  if (load.refusal !== undefined) {
    const errors = cluster.gates.map(gate => gate.lastError());
    throw new Error(`The gate refused a message:\n${[load.refusal, ...errors].join('\n')}`);
  }
  const collected = await rig.sink.ask({ first, count, idleTimeoutMs: IDLE_TIMEOUT_MS }, signal);
  await delay(SETTLE_MS, undefined, { signal });
  const cpu = since(cpuBefore, readCpu(rig, cluster));
  return {
    ...planned,
    load,
    collected,
    counts: countMessages(load.accepted, collected.copies),
    cpu,
    peakBytes: sumOf(cluster, ({ pid }) => peakBytesOf(pid)),
    reference: [before, await rig.reference.run()],
  };
}

/** The figures of a round. `referenceMs` is the best time of the reference loop on this machine. */
export function figuresOf(round: Round, referenceMs: number): Figures {
  const { count, load, collected, counts, cpu, peakBytes, reference } = round;
  const arrived = counts.accepted - counts.lost;
  return {
    acceptedPerSecond: (counts.accepted / (load.endedAt - load.startedAt)) * 1000,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    drainedPerSecond: arrived === 0 ? 0 : (arrived / (collected.lastAt - load.startedAt)) * 1000,
    cpuSecondsPer1000: ((cpu.gates + cpu.server) / count) * 1000,
    serverSecondsPer1000: (cpu.server / count) * 1000,
    peakMegabytes: peakBytes / MEGABYTE,
    loadMicroseconds: (cpu.load / count) * 1e6,
    sinkMicroseconds: (cpu.sink / count) * 1e6,
    slowdown: slowdownOf(reference, referenceMs),
  };
}

function readCpu({ server, load, sink }: Rig, cluster: Cluster): Cpu {
  return {
    gates: sumOf(cluster, ({ pid }) => cpuSecondsOf(pid)),
    server: server?.pid === undefined ? 0 : cpuSecondsOf(server.pid),
    load: cpuSecondsOf(load.pid),
    sink: cpuSecondsOf(sink.pid),
  };
}

function sumOf({ gates }: Cluster, amount: (gate: Gate) => number): number {
  return gates.reduce((sum, gate) => sum + amount(gate), 0);
}

function since(before: Cpu, after: Cpu): Cpu {
  return {
    gates: after.gates - before.gates,
    server: after.server - before.server,
    load: after.load - before.load,
    sink: after.sink - before.sink,
  };
}
