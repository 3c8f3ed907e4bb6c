// npm run bench: what a gate on this machine can do. npm run bench -- --help: how to say what to measure.
import { runBench } from './bench.ts';
import { judge } from './bounds.ts';
import { describeMachine } from './machine.ts';
import { type BenchOptions, parseOptions, USAGE } from './options.ts';
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
    process.exitCode = isGood(report) ? 0 : 1;
  } catch (error) {
    process.stderr.write(
      `${stopped.signal.reason?.message ?? (error instanceof Error ? error.message : error)}\n`,
    );
    process.exitCode = 1;
  }
}

async function measure(options: BenchOptions, signal: AbortSignal): Promise<Report> {
  const machine = describeMachine(options.folder);
  const results = await runBench(options, sayRound, signal);
  return { machine, options, results, verdict: judge(options.bounds, results.summary, results.isDisturbed) };
}

function sayRound(number: number): void {
  process.stderr.write(number === 0 ? 'warming up\n' : `round ${number}\n`);
}

function isGood({ results, verdict }: Report): boolean {
  const { tally, strangers } = results;
  return tally.lost === 0 && tally.duplicates === 0 && strangers === 0 && verdict.isMet;
}
