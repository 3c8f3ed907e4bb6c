import { startGate, until } from './gate.ts';
import { startSmtpSink } from './smtp-sink.ts';

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

/** A lease is valid for 15 s, and a dot needs 5 s of it. */
const FREEZE_MS = 11_500;

/**
 * Freezes a gate with SIGSTOP between DATA and 354 for longer than it may still send, answers 354 meanwhile, and lets it
 * go on: another node may have taken the message over by then, so the dot must not go out on that connection.
 */
export async function runFrozenNode({ root, store }: FrozenOptions): Promise<FrozenReport> {
  const goOn = Promise.withResolvers<void>();
  const sink = await startSmtpSink({
    answer: step =>
      step.stage === 'data' && step.session === 1 ? goOn.promise.then(() => undefined) : undefined,
  });
  const gate = await startGate({
    smarthost: `127.0.0.1:${sink.port}`,
    ...(root !== undefined && { root }),
    ...(store !== undefined && { args: ['--store', store] }),
  });
  try {
    const body = JSON.stringify({ from: 'a@sender.test', to: 'b@rcpt.test', subject: 'frozen', text: 'x' });
    await fetch(`${gate.http}/messages`, { method: 'POST', body });
    await until(() => sink.sessions[0]?.commands.includes('DATA'), 'DATA to come');
    gate.kill('SIGSTOP');
    await new Promise(resolve => setTimeout(resolve, FREEZE_MS));
    goOn.resolve();
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
