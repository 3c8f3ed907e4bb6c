import type { ClusterResults, Results } from './bench.ts';
import type { Verdict } from './bounds.ts';
import { PATHS } from './job.ts';
import type { Machine } from './machine.ts';
import type { BenchOptions } from './options.ts';
import type { Figure, Figures } from './summary.ts';

/** Everything that a run has to say. */
export interface Report {
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly results: Results;
  readonly verdict: Verdict;
}

interface Column {
  readonly figure: Figure;
  readonly title: string;
  readonly digits: number;
  /** Shown when there is a database server whose CPU time is known. */
  readonly isOfServer?: true;
}

const COLUMNS: readonly Column[] = [
  { figure: 'acceptedPerSecond', title: 'accept/s', digits: 0 },
  { figure: 'p50Ms', title: 'p50 ms', digits: 2 },
  { figure: 'p99Ms', title: 'p99 ms', digits: 2 },
  { figure: 'drainedPerSecond', title: 'drained/s', digits: 0 },
  { figure: 'cpuSecondsPer1000', title: 'CPU s/1,000', digits: 3 },
  { figure: 'serverSecondsPer1000', title: 'of it server', digits: 3, isOfServer: true },
  { figure: 'peakMegabytes', title: 'peak MB', digits: 0 },
  { figure: 'loadMicroseconds', title: 'load µs', digits: 0 },
  { figure: 'sinkMicroseconds', title: 'sink µs', digits: 0 },
  { figure: 'slowdown', title: 'slowdown', digits: 2 },
];
const SHOWN_PACKAGES = ['postern', 'fastify'];

/** What a person reads. */
export function textOf(report: Report): string {
  return [
    ...describeMachine(report),
    describeJob(report),
    '',
    ...report.results.clusters.flatMap(cluster => [...table(report.results, cluster), '']),
    ...conclusions(report),
    '',
  ].join('\n');
}

/** What a program reads. */
export function jsonOf({ machine, options, results, verdict }: Report): string {
  const told = { ...options, store: options.store.replace(/:\/\/.*@/, '://') };
  return `${JSON.stringify({ machine, options: told, ...results, verdict }, null, 2)}\n`;
}

function describeMachine({ machine, results }: Report): readonly string[] {
  const { cpu, cores, memoryGib, system, fileSystem, node, packages } = machine;
  const { database } = results;
  const engine = database === undefined ? 'better-sqlite3' : 'pg';
  const versions = [...SHOWN_PACKAGES, engine].map(name => `${name} ${packages[name]}`).join(', ');
  const memoryOnly =
    fileSystem === 'tmpfs' ? ' (memory: being durable costs nothing here, see --folder)' : '';
  return [
    `${versions}, Node ${node}`,
    `${cores} cores ${cpu}, ${memoryGib} GiB, ${system}, data on ${fileSystem}${memoryOnly}`,
    ...(database === undefined ? [] : [database.description]),
    `reference loop ${grouped(results.referenceMs)} ms`,
  ];
}

function describeJob({ options, results }: Report): string {
  const { api, connections, smtpConnections, isDivided, delayMs, messages, nodes } = options;
  const delayed = delayMs === 0 ? '' : `, the server takes ${delayMs} ms`;
  const size = `${grouped(results.requestBytes)} bytes`;
  const clients = connections === 1 ? '1 connection' : `${grouped(connections)} connections`;
  const onward = `${grouped(smtpConnections)} to the server`;
  const divided = isDivided ? ', both divided among the gates' : '';
  const counts = `${grouped(messages)} messages a round`;
  const each = nodes.some(gates => gates > 1) ? ' for each gate' : '';
  return `POST ${PATHS[api]}, ${size}, ${clients}, ${onward}${divided}${delayed}, ${counts}${each}, one round to warm up`;
}

function table(
  { clusters, database }: Results,
  { nodes, rounds, summary }: ClusterResults,
): readonly string[] {
  const columns = COLUMNS.filter(({ isOfServer }) => !isOfServer || database?.isMeasured);
  const line = (name: string, figures: Figures) => [
    name,
    ...columns.map(({ figure, digits }) => grouped(figures[figure], digits)),
  ];
  const of = (part: 'median' | 'min' | 'max') =>
    Object.fromEntries(COLUMNS.map(({ figure }) => [figure, summary[figure][part]])) as Figures;
  const lines = [
    [clusters.length === 1 ? 'round' : nodesWord(nodes), ...columns.map(column => column.title)],
    ...rounds.map((figures, i) => line(String(i + 1), figures)),
    line('median', of('median')),
    line('min', of('min')),
    line('max', of('max')),
  ];
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map(cells => cells[i]?.length ?? 0)));
  return lines.map(cells => cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  '));
}

function conclusions({ results, verdict }: Report): readonly string[] {
  const { tally, strangers, isDisturbed, clusters, database } = results;
  const [first, ...more] = clusters;
  const others = strangers === 0 ? '' : `, ${grouped(strangers)} nobody handed in`;
  return [
    ...more.flatMap(({ nodes, growth, control }) => [
      `CPU time at ${nodesWord(nodes)}: ${percent(growth)} of that at ${nodesWord(first?.nodes ?? 0)};`,
      `  of load generator and SMTP server, for the same work: ${percent(control)}; beside that: ${percent(growth / control)}`,
    ]),
    ...(database?.isMeasured === false
      ? ['The database server runs elsewhere: the CPU time is without it.']
      : []),
    `${grouped(tally.accepted)} accepted, ${grouped(tally.lost)} lost, ${grouped(tally.duplicates)} duplicates${others}`,
    ...(isDisturbed ? ['The machine was disturbed: trust the CPU time, not the rates.'] : []),
    ...verdict.lines,
  ];
}

function nodesWord(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`;
}

function percent(ratio: number): string {
  return `${grouped(ratio * 100, 1)} %`;
}

function grouped(value: number, digits = 0): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
