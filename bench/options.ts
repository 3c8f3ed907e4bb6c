import { parseArgs } from 'node:util';
import { type Bound, parseBounds } from './bounds.ts';
import type { Api } from './job.ts';

/** Options of the bench. */
export interface BenchOptions {
  readonly api: Api;
  readonly hasAttachment: boolean;
  readonly connections: number;
  /** The most connections that the SMTP server permits. */
  readonly smtpConnections: number;
  /** True: the gates of a cluster divide both kinds of connections among them. False: each gate has the given number. */
  readonly isDivided: boolean;
  /** Messages in one round for each gate. */
  readonly messages: number;
  /** Reported rounds. One more round before them is the warm-up. */
  readonly rounds: number;
  /** How long the sink delays its reply to each message. */
  readonly delayMs: number;
  /** The store: SQLite in each gate, a PostgreSQL that is started for the run, or a running PostgreSQL. */
  readonly store: 'sqlite' | 'postgres' | PostgresUrl;
  /** The number of gates in each cluster. The clusters are measured in turns. */
  readonly nodes: readonly number[];
  /** The parent of the data folders. */
  readonly folder: string;
  readonly isJson: boolean;
  readonly bounds: readonly Bound[];
}

/** `postgres://USER:PASSWORD@HOST:PORT/DATABASE` */
export type PostgresUrl = `postgres${'' | 'ql'}://${string}`;

/** A parsed command line; `invalid`: with the reason. */
export type Request =
  | { readonly kind: 'run'; readonly options: BenchOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'invalid'; readonly problem: string };

export const USAGE = `npm run bench -- [options]

Starts a gate with default settings, an SMTP server that accepts everything, and a load generator. Sends messages over
HTTP and waits until all of them have arrived. Then prints rates, latencies, and the CPU time of the gate and its database
server. Needs Linux.

  --api messages|v1      send with POST /messages or with POST /v1/messages (default: messages)
  --connections N        concurrent requests (default: 50)
  --smtp-connections N   connections that the SMTP server permits (default: 20)
  --messages N           messages in a round (default: 10000; 2000 with --latency, 1000 with --attachment)
  --rounds N             reported rounds (default: 5); one more round before them is the warm-up
  --latency              use one connection, to measure the time of a single request
  --attachment           attach 100 KiB to each message; implies --api v1
  --delay MS             delay of the SMTP server before its reply to each message (default: 0)
  --store STORE          sqlite (default); postgres: start a server for the run, with its default durability; or the
                         postgres:// URL of a running server, where databases are created and dropped again
  --nodes N[,N…]         N gates share a database; each gate has the given numbers of connections and messages. For
                         several numbers, such as 1,2,3, the clusters are measured in turns, each with its own database
                         (default: 1; needs PostgreSQL)
  --divide               the gates of a cluster divide the connections of one gate among them, as if more gates get no
                         more load
  --folder DIR           parent of the data folders, which are removed afterwards (default: /var/tmp)
  --require BOUNDS       fail if a median misses its bound, such as cpu=0.40,drained=3000. cpu, p50, p99 and peak are
                         maximums, accept and drained are minimums. They apply to the first number of nodes. growth=1.1
                         is the maximum ratio of the CPU time of the others to that of the first. On a disturbed
                         machine only CPU time counts
  --json                 print JSON
  --help                 print this help

Fails if a message is lost or arrives twice.
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
/** Each message has a number of eight digits. */
const MAX_TOTAL = 100_000_000;
const MAX_ROUNDS = 99;
const MAX_NODES = 20;

/** Parses the command line. */
export function parseOptions(args: readonly string[]): Request {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    return values.help ? { kind: 'help' } : { kind: 'run', options: toOptions(values) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: 'invalid', problem: error.message };
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function toOptions(values: Values): BenchOptions {
  const { latency, attachment } = values;
  const store = storeOf(values.store);
  const defaultMessages = attachment ? ATTACHMENT_MESSAGES : latency ? LATENCY_MESSAGES : DEFAULT_MESSAGES;
  const options: BenchOptions = {
    api: apiOf(values.api ?? (attachment ? 'v1' : 'messages'), attachment),
    hasAttachment: attachment,
    connections: wholeNumber('connections', values.connections, latency ? 1 : 50, MAX_CONNECTIONS),
    smtpConnections: wholeNumber('smtp-connections', values['smtp-connections'], 20, MAX_SMTP_CONNECTIONS),
    isDivided: values.divide,
    messages: wholeNumber('messages', values.messages, defaultMessages, MAX_MESSAGES),
    rounds: wholeNumber('rounds', values.rounds, 5, MAX_ROUNDS),
    delayMs: wholeNumber('delay', values.delay, 0, 60_000),
    store,
    nodes: nodesOf(values.nodes, store),
    folder: values.folder,
    isJson: values.json,
    bounds: parseBounds(values.require),
  };
  if (countAll(options) > MAX_TOTAL)
    throw new Error(`--messages: all rounds and gates together have more than ${MAX_TOTAL} messages`);
  return options;
}

/** All messages of the run, with the warm-up. */
function countAll({ messages, rounds, nodes }: BenchOptions): number {
  return messages * (rounds + 1) * nodes.reduce((sum, gates) => sum + gates, 0);
}

function apiOf(text: string, hasAttachment: boolean): Api {
  if (text !== 'messages' && text !== 'v1') throw new Error(`--api: ${text} is neither messages nor v1`);
  if (hasAttachment && text !== 'v1') throw new Error('--api: only v1 accepts attachments');
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

function wholeNumber(name: string, text: string | undefined, defaultValue: number, max: number): number {
  const min = name === 'delay' ? 0 : 1;
  const value = text === undefined ? defaultValue : text === '' ? Number.NaN : Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`--${name}: ${text} is not a whole number from ${min} to ${max}`);
}
