import { formatReplyLine } from '../../core/outcome.ts';
import type { StageFacts } from '../../core/stage.ts';
import type { Dial } from '../../net/dial.ts';
import { type ClientSocket, quit } from '../../smtp-client/client-socket.ts';
import { openSession } from '../../smtp-client/open-session.ts';
import type { SmtpEndpoint, StageTimeouts } from '../../smtp-client/smtp-endpoint.ts';
import { createTlsContext } from '../../smtp-client/tls-context.ts';
import type { CheckReport, CheckStage } from '../transport.ts';

/** All stages together. With QUIT, a check takes 10 s at most. */
const LIMIT_MS = 9_500;
const QUIT_WAIT_MS = 500;

export interface SmtpCheck {
  readonly server: SmtpEndpoint;
  readonly dial: Dial;
  readonly timeouts: StageTimeouts;
  readonly signal: AbortSignal;
}

/** Opens a separate connection, authenticates, sends NOOP and QUIT. Sends no message. */
export async function checkSmtp({ server, dial, timeouts, signal }: SmtpCheck): Promise<CheckReport> {
  const stages: CheckStage[] = [];
  let since = performance.now();
  const note = (stage: CheckStage['stage'], ok: boolean, detail: string, facts?: StageFacts): void => {
    const now = performance.now();
    stages.push({ stage, ok, detail, ms: Math.round(now - since), ...facts });
    since = now;
  };
  const timeout = AbortSignal.timeout(LIMIT_MS);
  const limit = AbortSignal.any([signal, timeout]);
  const opened = await openSession({
    server,
    timeouts,
    dial,
    tlsContext: () => createTlsContext(server),
    signal: limit,
    onStage: (stage, found, facts) => note(stage, true, found, facts),
  });
  if (!opened.ok) {
    const { phase, reply, error, certificate } = opened.failure;
    const why = timeout.aborted ? 'no answer in time' : (error ?? 'failed');
    note(phase, false, reply === undefined ? why : formatReplyLine(reply), certificate && { certificate });
    return { ok: false, stages };
  }
  const { socket } = opened.session;
  const problem = await noop(socket, timeouts.commandMs, limit);
  note('noop', problem === undefined, problem ?? 'answered');
  await quit(socket, QUIT_WAIT_MS);
  return { ok: problem === undefined, stages };
}

/** Resolves with what is wrong; undefined when the reply is 250. */
function noop(wire: ClientSocket, timeoutMs: number, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const stop = (): void => resolve('no answer in time');
  wire.listener = {
    reply: reply => resolve(reply.code === 250 ? undefined : formatReplyLine(reply)),
    settled() {},
    lost: resolve,
    expired: stop,
  };
  signal.addEventListener('abort', stop, { once: true });
  wire.setDeadline(timeoutMs);
  wire.write('NOOP\r\n');
  return promise.finally(() => signal.removeEventListener('abort', stop));
}
