import { countMessages, type MessageCounts } from './message-counts.ts';
import type { BenchOptions } from './options.ts';
import { type Planned, planRounds } from './plan.ts';
import { type Rig, startRig } from './rig.ts';
import { figuresOf, type Round, runRound } from './round.ts';
import { type Figures, type Summary, spreadOf, summarise } from './summary.ts';

/** The results of a run of the bench. */
export interface Results {
  readonly clusters: readonly ClusterResults[];
  /** Messages of the whole run, counted after the gates were stopped. */
  readonly counts: MessageCounts;
  /** Messages that arrived at the SMTP server although the bench did not submit them. */
  readonly unexpected: number;
  /** Bytes of a request, headers and body. */
  readonly requestBytes: number;
  /** The time of the reference loop on this machine without other work. It makes figures of different machines comparable. */
  readonly referenceMs: number;
  /** True if other work slowed the machine so much that rates and latencies are unreliable. */
  readonly isDisturbed: boolean;
  readonly database?: {
    readonly description: string;
    /** False if it runs on another machine. Then the CPU time is that of the gates only. */
    readonly isMeasured: boolean;
  };
}

/** The results of one cluster: gates that share a database. */
export interface ClusterResults {
  readonly nodes: number;
  readonly rounds: readonly Figures[];
  readonly summary: Summary;
  /** Median over the rounds of the ratio of its CPU time to that of the first cluster in the same round; 1 for the first. */
  readonly growth: number;
  /** The same ratio for the load generator and the SMTP server. Their work is the same, so it shows the effect of the machine. */
  readonly control: number;
}

const DISTURBED = 1.15;

/** Runs all rounds. `onRound` is called at the start of each, with number 0 for the warm-up. */
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
  const task = { first: 0, count: accepted.length, idleTimeoutMs: 0 };
  const { copies, unexpected } = await rig.sink.ask(task, signal);
  const referenceMs = Math.min(...all.flatMap(round => round.reference.map(time => time.cpuMs)));
  const clusters = summariseClusters(options, all, referenceMs);
  const { server } = rig;
  return {
    clusters,
    counts: countMessages(accepted, copies),
    unexpected,
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
