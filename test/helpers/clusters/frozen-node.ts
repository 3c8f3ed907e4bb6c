import pg from 'pg';
import { startGate, until } from '../gates/gate.ts';
import { type SinkOptions, type SmtpSink, startSmtpSink } from '../mail-servers/smtp-sink.ts';

export interface FrozenOptions {
  /** The checkout to run; absent: this one. */
  readonly root?: string;
  /** The store of the gate; absent: SQLite in its data folder. */
  readonly store?: string;
}

export interface FrozenReport {
  /** Dots that came on the connection over which the node was frozen. */
  readonly dotsAfterThaw: number;
  /** Copies of the message that arrived in the end. */
  readonly copies: number;
}

/** Where a message is held up while its node is frozen. */
interface Hold {
  readonly answer?: NonNullable<SinkOptions['answer']>;
  /** Before there is a message. */
  begin?(): Promise<unknown>;
  /** Resolves when it is held up. */
  reached(): Promise<unknown>;
  end(): Promise<unknown>;
}

/** A lease is valid for 15 s, and a dot needs 5 s of it. */
const FREEZE_MS = 11_500;

/**
 * Freezes a gate with SIGSTOP between DATA and 354 for longer than it may still send, answers 354 meanwhile, and lets it
 * go on: another node may have taken the message over by then, so the dot must not go out on that connection.
 */
export async function runFrozenNode(options: FrozenOptions): Promise<FrozenReport> {
  const goOn = Promise.withResolvers<void>();
  return freeze(options, sink => ({
    answer: ({ stage, session }) =>
      stage === 'data' && session === 1 ? goOn.promise.then(() => undefined) : undefined,
    reached: () => until(() => hasData(sink()), 'DATA to come'),
    end: async () => goOn.resolve(),
  }));
}

/** The same while the gate waits for its journal in PostgreSQL, which takes the dot meanwhile. */
export async function runFrozenInJournal(
  options: FrozenOptions & { readonly store: string },
): Promise<FrozenReport> {
  const holder = new pg.Client({ connectionString: options.store });
  const isWaitedFor = async () =>
    (await holder.query(`select from pg_locks where relation = 'wire'::regclass and not granted`)).rowCount;
  try {
    await holder.connect();
    return await freeze(options, () => ({
      begin: () => holder.query('begin; lock table wire in exclusive mode'),
      reached: () => until(async () => (await isWaitedFor()) === 1, 'the gate to wait for its journal'),
      end: () => holder.query('rollback'),
    }));
  } finally {
    await holder.end();
  }
}

async function freeze(
  { root, store }: FrozenOptions,
  holdAt: (sink: () => SmtpSink) => Hold,
): Promise<FrozenReport> {
  const hold = holdAt(() => sink);
  const sink = await startSmtpSink(hold.answer === undefined ? {} : { answer: hold.answer });
  const gate = await startGate({
    smarthost: `127.0.0.1:${sink.port}`,
    ...(root !== undefined && { root }),
    ...(store !== undefined && { args: ['--store', store] }),
  });
  try {
    await hold.begin?.();
    const body = JSON.stringify({ from: 'a@sender.test', to: 'b@rcpt.test', subject: 'frozen', text: 'x' });
    await fetch(`${gate.http}/messages`, { method: 'POST', body });
    await hold.reached();
    gate.kill('SIGSTOP');
    await new Promise(resolve => setTimeout(resolve, FREEZE_MS));
    await hold.end();
    await new Promise(resolve => setTimeout(resolve, 200));
    gate.kill('SIGCONT');
    await sink.until(() => sink.messages.length > 0);
    const dotsAfterThaw = sink.sessions[0]?.commands.filter(command => command === '.').length ?? 0;
    return { dotsAfterThaw, copies: sink.messages.length };
  } finally {
    await gate.stop();
    await sink.close();
  }
}

function hasData({ sessions: [first] }: SmtpSink): boolean {
  return first?.commands.includes('DATA') ?? false;
}
