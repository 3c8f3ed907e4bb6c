// npm run campaign -- --help: long tests of gates that share a PostgreSQL.
import { parseArgs } from 'node:util';
import { freezeInCluster } from '../test/helpers/clusters/cluster-freeze.ts';
import { killInCluster } from '../test/helpers/clusters/cluster-kills.ts';
import { measureCap, measureRate } from '../test/helpers/clusters/cluster-limits.ts';
import { takeDatabaseAway } from '../test/helpers/clusters/cluster-outages.ts';

const USAGE = `npm run campaign -- CAMPAIGN [--nodes N] [--count N]

Runs one of these tests with gates that share a new PostgreSQL, and prints the result as JSON. The exit code is 1 if a
guarantee was broken:

  kills     under load, kills a random gate with SIGKILL and starts it again, --count times (default: 100)
  freeze    under load, stops a gate with SIGSTOP until another one has taken over its mail, then continues it
  outages   under load, kills PostgreSQL and starts it again, or cuts all connections, --count times (default: 20)
  rate      measures a limit of 50 messages per second for --count seconds (default: 60)
  cap       measures a limit of --count messages per hour (default: 1000), also while gates are killed

The default of --nodes is 2 for kills, freeze and outages, and 3 for rate and cap. Progress goes to standard error.
`;

const MISUSED = 2;
const PER_SECOND = 50;
const TOLERANCE = 0.05;
const RECOVERY_MS = 10_000;
const OUTAGE_MS = 1_500;

interface Size {
  readonly nodes: number | undefined;
  readonly count: number | undefined;
}

/** The result of a campaign. */
interface Outcome {
  /** True if all guarantees were kept. */
  readonly isGood: boolean;
  readonly report: object;
}

const campaigns: Readonly<Record<string, (size: Size) => Promise<Outcome>>> = {
  async kills({ nodes = 2, count: kills = 100 }) {
    const report = await killInCluster({ nodes, kills, onKill: printProgress });
    return { report, isGood: isBalanced(report) };
  },
  async freeze({ nodes = 2 }) {
    const report = await freezeInCluster({ nodes });
    return { report, isGood: isBalanced(report) };
  },
  async outages({ nodes = 2, count = 20 }) {
    const outages = Array.from({ length: count }, (_, i): 'crash' | 'cut' => (i % 2 === 0 ? 'crash' : 'cut'));
    const { ends, ...report } = await takeDatabaseAway({
      nodes,
      outages,
      awayMs: OUTAGE_MS,
      onOutage: printProgress,
    });
    const hasRecovered = ends.every(({ code }) => code === 0) && report.longestRecoveryMs < RECOVERY_MS;
    return { report, isGood: isBalanced(report) && hasRecovered };
  },
  async rate({ nodes = 3, count: seconds = 60 }) {
    const report = await measureRate({ nodes, maxPerSecond: PER_SECOND, seconds });
    return { report, isGood: Math.abs(report.perSecond / PER_SECOND - 1) <= TOLERANCE };
  },
  async cap({ nodes = 3, count: maxPerHour = 1_000 }) {
    const report = await measureCap({ nodes, maxPerHour, kills: 0 });
    const killed = await measureCap({ nodes, maxPerHour, kills: nodes });
    return {
      report: { undisturbed: report, killed },
      isGood: report.sent === maxPerHour && killed.sent <= maxPerHour,
    };
  },
};

function isBalanced(counts: { readonly [Wrong in 'lost' | 'unexplained' | 'heldByTwo']: readonly string[] }) {
  return counts.lost.length + counts.unexplained.length + counts.heldByTwo.length === 0;
}

function printProgress(done: number): void {
  process.stderr.write(`${done}\n`);
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { nodes: { type: 'string' }, count: { type: 'string' }, help: { type: 'boolean' } },
});
const size = { nodes: numberOf(values.nodes), count: numberOf(values.count) };
const run = campaigns[positionals[0] ?? ''];
if (values.help) {
  process.stdout.write(USAGE);
} else if (run === undefined || Number.isNaN(size.nodes) || Number.isNaN(size.count)) {
  process.stderr.write(USAGE);
  process.exitCode = MISUSED;
} else {
  const { report, isGood } = await run(size);
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  process.exitCode = isGood ? 0 : 1;
}
