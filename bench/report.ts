import type { ClusterResults, Results } from './bench.ts';
import type { Verdict } from './bounds.ts';
import { PATHS } from './job.ts';
import type { Machine } from './machine.ts';
import type { BenchOptions } from './options.ts';
import type { Figure, Figures } from './summary.ts';

/** The full report of a run. */
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
  /** Shown only if the CPU time of the database server is known. */
  readonly isOfServer?: true;
}

const COLUMNS: readonly Column[] = [
  { figure: 'acceptedPerSecond', title: 'accept/s', digits: 0 },
  { figure: 'p50Ms', title: 'p50 ms', digits: 2 },
  { figure: 'p99Ms', title: 'p99 ms', digits: 2 },
  { figure: 'drainedPerSecond', title: 'drained/s', digits: 0 },
  { figure: 'cpuSecondsPer1000', title: 'CPU s/1,000', digits: 3 },
  { figure: 'serverSecondsPer1000', title: 'server s/1,000', digits: 3, isOfServer: true },
  { figure: 'peakMegabytes', title: 'peak MB', digits: 0 },
  { figure: 'loadMicroseconds', title: 'load µs', digits: 0 },
  { figure: 'sinkMicroseconds', title: 'sink µs', digits: 0 },
  { figure: 'slowdown', title: 'slowdown', digits: 2 },
];
const SHOWN_PACKAGES = ['postern', 'fastify'];

/** The report as text. */
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

/** The report as JSON. */
export function jsonOf({ machine, options, results, verdict }: Report): string {
  const shown = { ...options, store: options.store.replace(/:\/\/.*@/, '://') };
  return `${JSON.stringify({ machine, options: shown, ...results, verdict }, null, 2)}\n`;
}

function describeMachine({ machine, results }: Report): readonly string[] {
  const { cpu, cores, memoryGib, system, fileSystem, node, packages } = machine;
  const { database } = results;
  const engine = database === undefined ? 'better-sqlite3' : 'pg';
  const versions = [...SHOWN_PACKAGES, engine].map(name => `${name} ${packages[name]}`).join(', ');
  const memoryOnly =
    fileSystem === 'tmpfs' ? ' (memory: durable writes cost nothing here, see --folder)' : '';
  return [
    `${versions}, Node ${node}`,
    `${cores} cores ${cpu}, ${memoryGib} GiB, ${system}, data on ${fileSystem}${memoryOnly}`,
    ...(database === undefined ? [] : [database.description]),
    `reference loop ${grouped(results.referenceMs)} ms`,
  ];
}

function describeJob({ options, results }: Report): string {
  const { api, connections, smtpConnections, isDivided, delayMs, messages, nodes } = options;
  const delayed = delayMs === 0 ? '' : `, the SMTP server delays each reply by ${delayMs} ms`;
  const size = `${grouped(results.requestBytes)} bytes`;
  const clients = connections === 1 ? '1 connection' : `${grouped(connections)} connections`;
  const outgoing = `${grouped(smtpConnections)} to the SMTP server`;
  const divided = isDivided ? ', both divided among the gates' : '';
  const counts = `${grouped(messages)} messages per round`;
  const each = nodes.some(gates => gates > 1) ? ' and gate' : '';
  return `POST ${PATHS[api]}, ${size}, ${clients}, ${outgoing}${divided}${delayed}, ${counts}${each}, one warm-up round`;
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
    [clusters.length === 1 ? 'round' : nodesText(nodes), ...columns.map(column => column.title)],
    ...rounds.map((figures, i) => line(String(i + 1), figures)),
    line('median', of('median')),
    line('min', of('min')),
    line('max', of('max')),
  ];
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map(cells => cells[i]?.length ?? 0)));
  return lines.map(cells => cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  '));
}

function conclusions({ results, verdict }: Report): readonly string[] {
  const { counts, unexpected, isDisturbed, clusters, database } = results;
  const [first, ...more] = clusters;
  const others = unexpected === 0 ? '' : `, ${grouped(unexpected)} unexpected`;
  return [
    ...more.flatMap(({ nodes, growth, control }) => [
      `CPU time with ${nodesText(nodes)}: ${percent(growth)} of that with ${nodesText(first?.nodes ?? 0)}`,
      `  load generator and SMTP server, for the same work: ${percent(control)}; difference: ${percent(growth / control)}`,
    ]),
    ...(database?.isMeasured === false
      ? ['The database server runs on another machine. The CPU time does not include it.']
      : []),
    `${grouped(counts.accepted)} accepted, ${grouped(counts.lost)} lost, ${grouped(counts.duplicates)} duplicates${others}`,
    ...(isDisturbed ? ['Other work disturbed the machine. Trust the CPU time, not the rates.'] : []),
    ...verdict.lines,
  ];
}

function nodesText(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`;
}

function percent(ratio: number): string {
  return `${grouped(ratio * 100, 1)} %`;
}

function grouped(value: number, digits = 0): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
