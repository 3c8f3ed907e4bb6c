import { setTimeout as delay } from 'node:timers/promises';
import type { LoadResult } from './load/http-load.ts';
import type { BenchOptions } from './options.ts';
import { cpuSecondsOf, peakBytesOf } from './processes.ts';
import { type ReferenceTime, slowdownOf } from './reference.ts';
import type { Rig } from './rig.ts';
import type { Collected } from './sink/arrivals.ts';
import type { Figures } from './summary.ts';
import { type Tally, tally } from './tally.ts';

/** The messages of a round: so many numbers from `first`. */
export interface Range {
  readonly first: number;
  readonly count: number;
}

/** A round as it went. */
export interface Round extends Range {
  readonly load: LoadResult;
  readonly collected: Collected;
  readonly tally: Tally;
  /** CPU seconds that each part used. */
  readonly cpu: Cpu;
  /** Of the gate, since it was started. */
  readonly peakBytes: number;
  /** Right before and right after. */
  readonly reference: readonly ReferenceTime[];
}

type Part = 'gate' | 'load' | 'sink';
type Cpu = Readonly<Record<Part, number>>;

const ROUND_TIMEOUT_MS = 300_000;
/** A message that has not come so long after the others will not come soon. */
const PATIENCE_MS = 15_000;
/** After the last message: its result is still to be recorded, and it must show whether another copy comes. */
const SETTLE_MS = 300;
const MEGABYTE = 1e6;

/** Hands in mail and waits until it has all arrived. */
export async function runRound(
  rig: Rig,
  options: BenchOptions,
  range: Range,
  stopped: AbortSignal,
): Promise<Round> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(ROUND_TIMEOUT_MS)]);
  const before = await rig.reference.run();
  const cpuBefore = readCpu(rig);
  const load = await rig.load.ask(loadTask(rig, options, range), signal);
  if (load.refusal !== undefined) {
    throw new Error(`The gate refused a message:\n${load.refusal}\n${rig.gate.lastError()}`);
  }
  const collected = await rig.sink.ask({ ...range, patienceMs: PATIENCE_MS }, signal);
  await delay(SETTLE_MS, undefined, { signal });
  const cpu = since(cpuBefore, readCpu(rig));
  return {
    ...range,
    load,
    collected,
    tally: tally(load.accepted, collected.copies),
    cpu,
    peakBytes: peakBytesOf(rig.gate.pid),
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
    cpuSecondsPer1000: (cpu.gate / count) * 1000,
    peakMegabytes: peakBytes / MEGABYTE,
    loadMicroseconds: (cpu.load / count) * 1e6,
    sinkMicroseconds: (cpu.sink / count) * 1e6,
    slowdown: slowdownOf(reference, referenceMs),
  };
}

function loadTask({ gate, request }: Rig, { connections }: BenchOptions, range: Range) {
  const { host, port } = gate;
  return { host, port, request, connections, ...range, timeoutMs: ROUND_TIMEOUT_MS };
}

function readCpu({ gate, load, sink }: Rig): Cpu {
  return { gate: cpuSecondsOf(gate.pid), load: cpuSecondsOf(load.pid), sink: cpuSecondsOf(sink.pid) };
}

function since(before: Cpu, after: Cpu): Cpu {
  return { gate: after.gate - before.gate, load: after.load - before.load, sink: after.sink - before.sink };
}
