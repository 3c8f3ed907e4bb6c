import { type Phase, type Reply, sayReply } from '../core/outcome.ts';
import type { ServerCertificate } from '../core/stage.ts';
import type { ClientSocket } from './client-socket.ts';
import { commandLine } from './write-command.ts';

/** The stages of a connection before its first message. */
export type OpeningPhase = Extract<Phase, 'dns' | 'connect' | 'greeting' | 'tls' | 'ehlo' | 'auth'>;

/** Where a connection could not go on: the refusal, or a sentence when there is none. */
export interface OpeningFacts {
  readonly phase: OpeningPhase;
  readonly reply?: Reply;
  readonly error?: string;
  /** Of `tls`, where the server showed one. */
  readonly certificate?: ServerCertificate;
}

/** Leaves the opening of a connection at the stage where it failed. */
export class OpeningError extends Error {
  readonly facts: OpeningFacts;

  constructor(facts: OpeningFacts) {
    super(facts.error ?? 'refused');
    this.facts = facts;
  }
}

/** What to throw at a reply that is not the hoped-for one. */
export function refusal(phase: OpeningPhase, reply: Reply): OpeningError {
  if (reply.code >= 400) return new OpeningError({ phase, reply });
  return new OpeningError({ phase, error: `unexpected reply: ${sayReply(reply)}` });
}

export interface Answer {
  readonly reply: Reply;
  readonly lines: readonly string[];
}

/** Question and answer over a wire, one at a time, as everything before MAIL goes. Waits reject with an OpeningError. */
export interface Talk {
  /** Waits for what the server says next. */
  listen(phase: OpeningPhase, timeoutMs: number): Promise<Answer>;
  ask(phase: OpeningPhase, command: string, timeoutMs: number): Promise<Answer>;
  /** Why nothing can be said any more, once that is so. */
  readonly lost: string | undefined;
  /** Closes the wire and ends the wait that is under way, and every later one. */
  stop(why: string): void;
}

/** Becomes the listener of the wire. */
export function createTalk(wire: ClientSocket): Talk {
  let waiting: { phase: OpeningPhase; resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  let lost: string | undefined;

  const lose = (why: string): void => {
    lost ??= why;
    wire.close();
    if (waiting !== undefined) waiting.reject(new OpeningError({ phase: waiting.phase, error: lost }));
    waiting = undefined;
  };

  wire.listener = {
    reply(reply, lines) {
      if (waiting === undefined) return lose(`protocol error: nobody asked for ${sayReply(reply)}`);
      waiting.resolve({ reply, lines });
      waiting = undefined;
    },
    settled() {},
    lost: lose,
    expired: () => lose('no reply in time'),
  };

  const listen = (phase: OpeningPhase, timeoutMs: number): Promise<Answer> => {
    if (lost !== undefined) return Promise.reject(new OpeningError({ phase, error: lost }));
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    waiting = { phase, resolve, reject };
    wire.within(timeoutMs);
    return promise;
  };

  return {
    get lost() {
      return lost;
    },
    listen,
    ask(phase, command, timeoutMs) {
      wire.write(commandLine(command));
      return listen(phase, timeoutMs);
    },
    stop: lose,
  };
}
