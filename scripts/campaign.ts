// npm run campaign -- --help: what gates that share a PostgreSQL are put through, at length.
import { parseArgs } from 'node:util';
import { freezeInCluster } from '../test/helpers/clusters/cluster-freeze.ts';
import { killInCluster } from '../test/helpers/clusters/cluster-kills.ts';
import { measureCap, measureRate } from '../test/helpers/clusters/cluster-limits.ts';
import { takeDatabaseAway } from '../test/helpers/clusters/cluster-outages.ts';

const USAGE = `npm run campaign -- CAMPAIGN [--nodes N] [--count N]

Puts gates that share a PostgreSQL of their own through one of these, prints what came of it as JSON, and ends with 1 when a
promise was broken:

  kills     under load, one gate at random is killed with -9 and started again, --count times (100)
  freeze    under load, one gate is stopped with SIGSTOP until another has taken over its mail, then goes on
  outages   under load, PostgreSQL ends at once and is started again, or all connections are cut, --count times (20)
  rate      a provider may take 50 messages a second: how many does it get, over --count seconds (60)
  cap       a provider may take --count messages an hour (1000): how many leave, while gates are killed

--nodes is 2 for kills, freeze and outages, and 3 for the others, unless given. Progress goes to standard error.
`;

const MISUSED = 2;
const PER_SECOND = 50;
const TOLERANCE = 0.05;
const RECOVERY_MS = 10_000;
const AWAY_MS = 1_500;

interface Size {
  readonly nodes: number | undefined;
  readonly count: number | undefined;
}

/** What came of a campaign, and whether it is what was promised. */
interface Outcome {
  readonly isGood: boolean;
  readonly report: object;
}

const campaigns: Readonly<Record<string, (size: Size) => Promise<Outcome>>> = {
  async kills({ nodes = 2, count: kills = 100 }) {
    const report = await killInCluster({ nodes, kills, onKill: say });
    return { report, isGood: isBalanced(report) };
  },
  async freeze({ nodes = 2 }) {
    const report = await freezeInCluster({ nodes });
    return { report, isGood: isBalanced(report) };
  },
  async outages({ nodes = 2, count = 20 }) {
    const outages = Array.from({ length: count }, (_, i): 'crash' | 'cut' => (i % 2 === 0 ? 'crash' : 'cut'));
    const { ends, ...report } = await takeDatabaseAway({ nodes, outages, awayMs: AWAY_MS, onOutage: say });
    const isPatient = ends.every(({ code }) => code === 0) && report.longestRecoveryMs < RECOVERY_MS;
    return { report, isGood: isBalanced(report) && isPatient };
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

function isBalanced(books: { readonly [Wrong in 'lost' | 'unexplained' | 'heldByTwo']: readonly string[] }) {
  return books.lost.length + books.unexplained.length + books.heldByTwo.length === 0;
}

function say(done: number): void {
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
