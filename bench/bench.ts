import type { BenchOptions } from './options.ts';
import { type Planned, planRounds } from './plan.ts';
import { type Rig, startRig } from './rig.ts';
import { figuresOf, type Round, runRound } from './round.ts';
import { type Figures, type Summary, spreadOf, summarise } from './summary.ts';
import { type Tally, tally } from './tally.ts';

/** A run of the bench. */
export interface Results {
  readonly clusters: readonly ClusterResults[];
  /** Of the whole run, counted after the gates were stopped. */
  readonly tally: Tally;
  /** Messages that came and that nobody handed in. */
  readonly strangers: number;
  /** Bytes of a request's body and head. */
  readonly requestBytes: number;
  /** What the reference loop takes of this machine when nothing disturbs it: to compare figures from different ones. */
  readonly referenceMs: number;
  /** Other work took so much of the machine that rates and latencies say little. */
  readonly isDisturbed: boolean;
  readonly database?: {
    readonly description: string;
    /** False: it runs elsewhere, and the CPU time is that of the gates alone. */
    readonly isMeasured: boolean;
  };
}

/** What so many gates did that share a database. */
export interface ClusterResults {
  readonly nodes: number;
  readonly rounds: readonly Figures[];
  readonly summary: Summary;
  /** Median over the rounds of its CPU time by that of the first cluster in the same round: 1 for that itself. */
  readonly growth: number;
  /** The same of the load generator and the SMTP server, whose work does not change: what the machine makes of it. */
  readonly control: number;
}

const DISTURBED = 1.15;

/** Runs all rounds; `onRound` is told which one begins, 0 for the warm-up. */
export async function runBench(
  options: BenchOptions,
  onRound: (planned: Planned) => void,
  signal: AbortSignal,
): Promise<Results> {
  const plan = planRounds(options);
  const rig = await startRig(
    options,
    plan.reduce((sum, { count }) => sum + count, 0),
  );
  try {
    const rounds: Round[] = [];
    for (const planned of plan) {
      onRound(planned);
      rounds.push(await runRound(rig, planned, signal));
    }
    return await conclude(rig, options, rounds, signal);
  } finally {
    await rig.stop();
  }
}

async function conclude(
  rig: Rig,
  options: BenchOptions,
  all: readonly Round[],
  signal: AbortSignal,
): Promise<Results> {
  await Promise.all(rig.clusters.flatMap(({ gates }) => gates.map(gate => gate.stop())));
  const accepted = Buffer.concat(all.map(round => round.load.accepted));
  const task = { first: 0, count: accepted.length, patienceMs: 0 };
  const { copies, strangers } = await rig.sink.ask(task, signal);
  const referenceMs = Math.min(...all.flatMap(round => round.reference.map(time => time.cpuMs)));
  const clusters = summariseClusters(options, all, referenceMs);
  const { server } = rig;
  return {
    clusters,
    tally: tally(accepted, copies),
    strangers,
    requestBytes: rig.clusters[0]?.targets[0]?.request.length ?? 0,
    referenceMs,
    isDisturbed: clusters.some(({ summary }) => summary.slowdown.median > DISTURBED),
    ...(server && {
      database: { description: server.description, isMeasured: server.pid !== undefined },
    }),
  };
}

function summariseClusters(
  { nodes }: BenchOptions,
  all: readonly Round[],
  referenceMs: number,
): readonly ClusterResults[] {
  const figures = nodes.map((_, cluster) =>
    all
      .filter(round => round.number > 0 && round.cluster === cluster)
      .map(round => figuresOf(round, referenceMs)),
  );
  const [base = []] = figures;
  return nodes.map((count, cluster) => {
    const rounds = figures[cluster] ?? [];
    return {
      nodes: count,
      rounds,
      summary: summarise(rounds),
      growth: growthOf(rounds, base, figures => figures.cpuSecondsPer1000),
      control: growthOf(rounds, base, figures => figures.loadMicroseconds + figures.sinkMicroseconds),
    };
  });
}

function growthOf(
  rounds: readonly Figures[],
  base: readonly Figures[],
  costOf: (figures: Figures) => number,
): number {
  const ratios = rounds.flatMap((figures, i) => {
    const first = base[i];
    return first === undefined ? [] : [costOf(figures) / costOf(first)];
  });
  return spreadOf(ratios).median;
}
