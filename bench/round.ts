import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { Gate } from './gate.ts';
import type { LoadResult } from './load/http-load.ts';
import type { Planned } from './plan.ts';
import { cpuSecondsOf, peakBytesOf } from './processes.ts';
import { type ReferenceTime, slowdownOf } from './reference.ts';
import type { Rig } from './rig.ts';
import type { Collected } from './sink/arrivals.ts';
import type { Figures } from './summary.ts';
import { type Tally, tally } from './tally.ts';

/** A round as it went. */
export interface Round extends Planned {
  readonly load: LoadResult;
  readonly collected: Collected;
  readonly tally: Tally;
  /** CPU seconds that each part used. */
  readonly cpu: Cpu;
  /** Of the gates, since they were started, added up. */
  readonly peakBytes: number;
  /** Right before and right after. */
  readonly reference: readonly ReferenceTime[];
}

type Part = 'gates' | 'server' | 'load' | 'sink';
type Cpu = Readonly<Record<Part, number>>;

const ROUND_TIMEOUT_MS = 300_000;
/** A message that has not come so long after the others will not come soon. */
const PATIENCE_MS = 15_000;
/** After the last message: its result is still to be recorded, and it must show whether another copy comes. */
const SETTLE_MS = 300;
const MEGABYTE = 1e6;

/** Hands in mail and waits until it has all arrived. */
export async function runRound(rig: Rig, planned: Planned, stopped: AbortSignal): Promise<Round> {
  const cluster = rig.clusters[planned.cluster];
  if (cluster === undefined) throw new Error('A round was planned for a cluster that there is not.');
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
  const collected = await rig.sink.ask({ first, count, patienceMs: PATIENCE_MS }, signal);
  await delay(SETTLE_MS, undefined, { signal });
  const cpu = since(cpuBefore, readCpu(rig, cluster));
  return {
    ...planned,
    load,
    collected,
    tally: tally(load.accepted, collected.copies),
    cpu,
    peakBytes: sumOf(cluster, ({ pid }) => peakBytesOf(pid)),
    reference: [before, await rig.reference.run()],
  };
}

/** What a round comes to; `referenceMs` is what the reference loop takes of this machine at best. */
export function figuresOf(round: Round, referenceMs: number): Figures {
  const { count, load, collected, tally, cpu, peakBytes, reference } = round;
  const arrived = tally.accepted - tally.lost;
  return {
    acceptedPerSecond: (tally.accepted / (load.endedAt - load.startedAt)) * 1000,
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
