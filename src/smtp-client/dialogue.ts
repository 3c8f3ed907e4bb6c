import { formatReplyLine, type Phase, type Reply } from '../core/outcome.ts';
import type { ServerCertificate } from '../core/stage.ts';
import type { ClientSocket } from './client-socket.ts';
import { commandLine } from './write-command.ts';

/** The stages of opening a connection, before its first message. */
export type OpeningPhase = Extract<Phase, 'dns' | 'connect' | 'greeting' | 'tls' | 'ehlo' | 'auth'>;

/** The stage that failed, with the refusal of the server or an error. */
export interface OpeningFacts {
  readonly phase: OpeningPhase;
  readonly reply?: Reply;
  readonly error?: string;
  /** For `tls`: the certificate, if the server sent one. */
  readonly certificate?: ServerCertificate;
}

/** Thrown at the stage where the opening of a connection fails. */
export class OpeningError extends Error {
  readonly facts: OpeningFacts;

  constructor(facts: OpeningFacts) {
    super(facts.error ?? 'refused');
    this.facts = facts;
  }
}

/** Returns the error for a reply that is not the expected one. */
export function refusalError(phase: OpeningPhase, reply: Reply): OpeningError {
  if (reply.code >= 400) return new OpeningError({ phase, reply });
  return new OpeningError({ phase, error: `unexpected reply: ${formatReplyLine(reply)}` });
}

export interface ServerReply {
  readonly reply: Reply;
  readonly lines: readonly string[];
}

/** Commands and replies before MAIL, one at a time. A wait that fails rejects with an OpeningError. */
export interface Dialogue {
  /** Waits for the next reply. */
  waitForReply(phase: OpeningPhase, timeoutMs: number): Promise<ServerReply>;
  sendCommand(phase: OpeningPhase, command: string, timeoutMs: number): Promise<ServerReply>;
  /** Why the connection is lost; undefined while it works. */
  readonly lost: string | undefined;
  /** Closes the socket. It ends the current wait and all later ones. */
  stop(why: string): void;
}

/** Sets itself as the listener of the socket. */
export function createDialogue(socket: ClientSocket): Dialogue {
  let waiting:
    | { phase: OpeningPhase; resolve(answer: ServerReply): void; reject(error: Error): void }
    | undefined;
  let lost: string | undefined;

  const lose = (why: string): void => {
    lost ??= why;
    socket.close();
    if (waiting !== undefined) waiting.reject(new OpeningError({ phase: waiting.phase, error: lost }));
    waiting = undefined;
  };

  socket.listener = {
    reply(reply, lines) {
      if (waiting === undefined) return lose(`protocol error: unexpected reply ${formatReplyLine(reply)}`);
      waiting.resolve({ reply, lines });
      waiting = undefined;
    },
    settled() {},
    lost: lose,
    expired: () => lose('no reply in time'),
  };

  const waitForReply = (phase: OpeningPhase, timeoutMs: number): Promise<ServerReply> => {
    if (lost !== undefined) return Promise.reject(new OpeningError({ phase, error: lost }));
    const { promise, resolve, reject } = Promise.withResolvers<ServerReply>();
    waiting = { phase, resolve, reject };
    socket.setDeadline(timeoutMs);
    return promise;
  };

  return {
    get lost() {
      return lost;
    },
    waitForReply,
    sendCommand(phase, command, timeoutMs) {
      socket.write(commandLine(command));
      return waitForReply(phase, timeoutMs);
    },
    stop: lose,
  };
}
