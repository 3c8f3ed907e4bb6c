import { parseArgs } from 'node:util';
import { type Bound, parseBounds } from './bounds.ts';
import type { Api } from './job.ts';

/** What the bench shall do. */
export interface BenchOptions {
  readonly api: Api;
  readonly hasAttachment: boolean;
  readonly connections: number;
  /** How many the SMTP server allows. */
  readonly smtpConnections: number;
  /** The gates of a group divide the connections among them, both kinds; else each has as many. */
  readonly isDivided: boolean;
  /** Messages of one round, for each gate. */
  readonly messages: number;
  /** Rounds that are reported; another one before them warms up. */
  readonly rounds: number;
  /** How long the sink holds back its reply to each message. */
  readonly delayMs: number;
  /** Where mail is kept: in each gate's SQLite, in a PostgreSQL started for the run, or in one that is there. */
  readonly store: 'sqlite' | 'postgres' | PostgresUrl;
  /** Gates that share one database: a cluster for each number, measured in turns. */
  readonly nodes: readonly number[];
  /** Where the gate's data folder is made. */
  readonly folder: string;
  readonly isJson: boolean;
  readonly bounds: readonly Bound[];
}

/** `postgres://USER:PASSWORD@HOST:PORT/DATABASE` */
export type PostgresUrl = `postgres${'' | 'ql'}://${string}`;

/** What the command line asks for; `refused`: why it cannot be understood. */
export type Request =
  | { readonly kind: 'run'; readonly options: BenchOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problem: string };

export const USAGE = `npm run bench -- [options]

Starts a gate with its default settings, an SMTP server that takes everything, and a load generator; hands in mail over
HTTP, waits until all of it has arrived, and prints rates, latencies and the CPU time of the gate and its database server.
Needs Linux.

  --api messages|v1      hand in at POST /messages or at POST /v1/messages (default: messages)
  --connections N        requests under way at once (default: 50)
  --smtp-connections N   connections that the SMTP server allows (default: 20)
  --messages N           messages of a round (default: 10000; with --latency 2000, with --attachment 1000)
  --rounds N             rounds (default: 5), after one that is not reported
  --latency              one connection: how long a single request takes
  --attachment           each message with 100 KiB attached; means --api v1
  --delay MS             the server takes so long to take each message (default: 0)
  --store STORE          sqlite (default); postgres: a server is started for the run, as durable as it comes; or the
                         postgres:// URL of one, in which databases are made and dropped again
  --nodes N[,N…]         so many gates share a database, and each has as many connections and messages as one alone;
                         several numbers, such as 1,2,3, are measured in turns, each with a database of its own
                         (default: 1; needs PostgreSQL)
  --divide               gates that share a database divide the connections of one among them, both kinds, as when more
                         gates get no more load
  --folder DIR           where to make the data folders, removed afterwards (default: /var/tmp)
  --require BOUNDS       fail unless the medians keep to these: cpu, p50, p99 and peak at most, accept and drained at
                         least, as in cpu=0.40,drained=3000; on a disturbed machine the CPU time decides. They hold
                         for the first number of nodes; growth=1.1: for the others, CPU time by the first's at most
  --json                 print JSON
  --help                 print this

Fails when a message is lost or arrives twice.
`;

const OPTIONS = {
  api: { type: 'string' },
  connections: { type: 'string' },
  'smtp-connections': { type: 'string' },
  messages: { type: 'string' },
  rounds: { type: 'string' },
  latency: { type: 'boolean', default: false },
  attachment: { type: 'boolean', default: false },
  delay: { type: 'string' },
  store: { type: 'string', default: 'sqlite' },
  nodes: { type: 'string', default: '1' },
  divide: { type: 'boolean', default: false },
  folder: { type: 'string', default: '/var/tmp' },
  require: { type: 'string', default: '' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const DEFAULT_MESSAGES = 10_000;
const LATENCY_MESSAGES = 2_000;
const ATTACHMENT_MESSAGES = 1_000;
const MAX_CONNECTIONS = 10_000;
const MAX_SMTP_CONNECTIONS = 1_000;
const MAX_MESSAGES = 1_000_000;
/** As many as there are numbers. */
const MAX_IN_ALL = 100_000_000;
const MAX_ROUNDS = 99;
const MAX_NODES = 20;

/** Reads the command line. */
export function parseOptions(args: readonly string[]): Request {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    return values.help ? { kind: 'help' } : { kind: 'run', options: toOptions(values) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: 'refused', problem: error.message };
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function toOptions(values: Values): BenchOptions {
  const { latency, attachment } = values;
  const store = storeOf(values.store);
  const usual = attachment ? ATTACHMENT_MESSAGES : latency ? LATENCY_MESSAGES : DEFAULT_MESSAGES;
  const options: BenchOptions = {
    api: apiOf(values.api ?? (attachment ? 'v1' : 'messages'), attachment),
    hasAttachment: attachment,
    connections: wholeNumber('connections', values.connections, latency ? 1 : 50, MAX_CONNECTIONS),
    smtpConnections: wholeNumber('smtp-connections', values['smtp-connections'], 20, MAX_SMTP_CONNECTIONS),
    isDivided: values.divide,
    messages: wholeNumber('messages', values.messages, usual, MAX_MESSAGES),
    rounds: wholeNumber('rounds', values.rounds, 5, MAX_ROUNDS),
    delayMs: wholeNumber('delay', values.delay, 0, 60_000),
    store,
    nodes: nodesOf(values.nodes, store),
    folder: values.folder,
    isJson: values.json,
    bounds: parseBounds(values.require),
  };
  if (countAll(options) > MAX_IN_ALL)
    throw new Error(`--messages: with all rounds and gates there are more than ${MAX_IN_ALL}`);
  return options;
}

/** The warm-up is a round, too. */
function countAll({ messages, rounds, nodes }: BenchOptions): number {
  return messages * (rounds + 1) * nodes.reduce((sum, gates) => sum + gates, 0);
}

function apiOf(text: string, hasAttachment: boolean): Api {
  if (text !== 'messages' && text !== 'v1') throw new Error(`--api: ${text} is neither messages nor v1`);
  if (hasAttachment && text !== 'v1') throw new Error('--api: only v1 takes attachments');
  return text;
}

function storeOf(text: string): BenchOptions['store'] {
  if (text === 'sqlite' || text === 'postgres' || isPostgresUrl(text)) return text;
  throw new Error(`--store: ${text} is neither sqlite, postgres nor a postgres:// URL`);
}

function isPostgresUrl(text: string): text is PostgresUrl {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text);
}

function nodesOf(text: string, store: BenchOptions['store']): readonly number[] {
  const numbers = text.split(',').map(part => wholeNumber('nodes', part, 1, MAX_NODES));
  if (store === 'sqlite' && numbers.some(nodes => nodes > 1))
    throw new Error('--nodes: gates share a database only with --store postgres');
  return numbers;
}

function wholeNumber(name: string, text: string | undefined, usual: number, most: number): number {
  const least = name === 'delay' ? 0 : 1;
  const value = text === undefined ? usual : text === '' ? Number.NaN : Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name}: ${text} is not a whole number from ${least} to ${most}`);
}
