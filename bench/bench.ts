import type { BenchOptions } from './options.ts';
import { type Rig, startRig } from './rig.ts';
import { figuresOf, type Range, type Round, runRound } from './round.ts';
import { type Figures, type Summary, summarise } from './summary.ts';
import { type Tally, tally } from './tally.ts';

/** A run of the bench. */
export interface Results {
  readonly rounds: readonly Figures[];
  readonly summary: Summary;
  /** Of the whole run, counted after the gate was stopped. */
  readonly tally: Tally;
  /** Messages that came and that nobody handed in. */
  readonly strangers: number;
  /** Bytes of a request's body and head. */
  readonly requestBytes: number;
  /** What the reference loop takes of this machine when nothing disturbs it: to compare figures from different ones. */
  readonly referenceMs: number;
  /** Other work took so much of the machine that rates and latencies say little. */
  readonly isDisturbed: boolean;
}

const DISTURBED = 1.15;

/** Runs all rounds on one gate; `onRound` is told which one begins, 0 for the warm-up. */
export async function runBench(
  options: BenchOptions,
  onRound: (number: number) => void,
  signal: AbortSignal,
): Promise<Results> {
  const rig = await startRig(options);
  try {
    const rounds: Round[] = [];
    for (const [number, range] of rangesOf(options).entries()) {
      onRound(number);
      rounds.push(await runRound(rig, options, range, signal));
    }
    return await conclude(rig, rounds, signal);
  } finally {
    await rig.stop();
  }
}

/** The warm-up, in which V8 compiles what it will compile, and the rounds; each with numbers of its own. */
function rangesOf({ messages, rounds }: BenchOptions): readonly Range[] {
  return Array.from({ length: rounds + 1 }, (_, i) => ({ first: i * messages, count: messages }));
}

async function conclude(rig: Rig, all: readonly Round[], signal: AbortSignal): Promise<Results> {
  await rig.gate.stop();
  const accepted = Buffer.concat(all.map(round => round.load.accepted));
  const task = { first: 0, count: accepted.length, patienceMs: 0 };
  const { copies, strangers } = await rig.sink.ask(task, signal);
  const referenceMs = Math.min(...all.flatMap(round => round.reference.map(time => time.cpuMs)));
  const rounds = all.slice(1).map(round => figuresOf(round, referenceMs));
  const summary = summarise(rounds);
  return {
    rounds,
    summary,
    tally: tally(accepted, copies),
    strangers,
    requestBytes: rig.request.length,
    referenceMs,
    isDisturbed: summary.slowdown.median > DISTURBED,
  };
}
