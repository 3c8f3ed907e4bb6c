// npm run bench: what a gate on this machine can do. npm run bench -- --help: how to say what to measure.
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
} else if (request.kind === 'refused') {
  process.stderr.write(`${request.problem}\n\n${USAGE}`);
  process.exitCode = MISUSED;
} else {
  const stopped = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'])
    process.once(name, () => stopped.abort(new Error(`Stopped by ${name}.`)));
  try {
    const report = await measure(request.options, stopped.signal);
    process.stdout.write(request.options.isJson ? jsonOf(report) : textOf(report));
    end(isGood(report) ? 0 : 1);
  } catch (error) {
    process.stderr.write(
      `${stopped.signal.reason?.message ?? (error instanceof Error ? error.message : error)}\n`,
    );
    end(1);
  }
}

async function measure(options: BenchOptions, signal: AbortSignal): Promise<Report> {
  const machine = describeMachine(options.folder);
  const results = await runBench(options, sayRound, signal);
  return { machine, options, results, verdict: judgeResults(options, results) };
}

/** Left to itself, the process that had a database server started would end with 0 whatever we say. */
function end(code: number): void {
  process.exitCode = code;
  process.stdout.write('', () => process.exit());
}

function sayRound({ number, cluster }: Planned): void {
  // Clusters take turns within a round.
  if (cluster === 0) process.stderr.write(number === 0 ? 'warming up\n' : `round ${number}\n`);
}

function judgeResults({ bounds }: BenchOptions, { clusters, isDisturbed }: Results): Verdict {
  const [first, ...others] = clusters;
  if (first === undefined) throw new Error('Nothing was measured.');
  // One alone is what it is measured by.
  const growth = Math.max(...(others.length === 0 ? [first] : others).map(one => one.growth));
  return judge(bounds, { medians: first.summary, growth }, isDisturbed);
}

function isGood({ results, verdict }: Report): boolean {
  const { tally, strangers } = results;
  return tally.lost === 0 && tally.duplicates === 0 && strangers === 0 && verdict.isMet;
}
