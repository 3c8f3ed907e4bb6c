import { findStamp, MARKER, STAMP_LENGTH } from '../stamp.ts';

/** What a session of the sink does to the world. */
export interface SessionContext {
  /** How long the reply to each message is held back, 0 for not at all; what was pipelined behind it waits. */
  readonly delayMs: number;
  /** A message came; undefined: it has no number. */
  readonly onMessage: (id: number | undefined) => void;
  readonly write: (replies: string) => void;
  readonly hangUp: () => void;
}

/** Reads what one client sends. */
export type Session = (chunk: Buffer) => void;

export const GREETING = '220 sink.test ESMTP\r\n';

const CAPABILITIES = '250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 52428800\r\n';
const END_OF_DATA = Buffer.from('\r\n.\r\n');
const LF = 0x0a;
/** What must be seen again with the next chunk: it may hold the beginning of a marker, or of the end. */
const OVERLAP = MARKER.length + STAMP_LENGTH - 1;
const NOTHING = Buffer.alloc(0);

const REPLIES: Readonly<Record<string, string>> = {
  EHLO: CAPABILITIES,
  HELO: '250 sink.test\r\n',
  MAIL: '250 ok\r\n',
  RCPT: '250 ok\r\n',
  DATA: '354 go on\r\n',
  RSET: '250 ok\r\n',
  NOOP: '250 ok\r\n',
  QUIT: '221 bye\r\n',
};

/** An SMTP server's side of a connection that takes everything and answers all it has read in one write (RFC 2920). */
export function createSession(context: SessionContext): Session {
  let rest: Buffer = NOTHING;
  let replies = '';
  let isInData = false;
  let isHeld = false;
  let id: number | undefined;

  function take(chunk: Buffer): void {
    const input = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    rest = input;
    if (!isHeld) work(input);
  }

  function work(input: Buffer): void {
    let at = 0;
    for (let next = step(input, at); next !== undefined; next = step(input, at)) at = next;
    rest = at === input.length ? NOTHING : Buffer.from(input.subarray(at));
    if (replies !== '') context.write(replies);
    replies = '';
  }

  /** Reads one thing; returns where the next begins, undefined when no more can be read now. */
  function step(input: Buffer, at: number): number | undefined {
    if (isHeld || at === input.length) return undefined;
    return isInData ? readData(input, at) : readCommand(input, at);
  }

  function readCommand(input: Buffer, at: number): number | undefined {
    const end = input.indexOf(LF, at);
    if (end === -1) return undefined;
    const verb = input.toString('latin1', at, at + 4).toUpperCase();
    replies += REPLIES[verb] ?? '500 what?\r\n';
    isInData = verb === 'DATA';
    if (verb === 'QUIT') context.hangUp();
    return end + 1;
  }

  function readData(input: Buffer, at: number): number | undefined {
    const end = input.indexOf(END_OF_DATA, at);
    id ??= findStamp(input, at, end === -1 ? input.length : end);
    if (end !== -1) return endMessage(end + END_OF_DATA.length);
    const next = Math.max(at, input.length - OVERLAP);
    return next > at ? next : undefined;
  }

  function endMessage(next: number): number {
    context.onMessage(id);
    isInData = false;
    id = undefined;
    if (context.delayMs === 0) {
      replies += '250 ok\r\n';
    } else {
      isHeld = true;
      setTimeout(release, context.delayMs);
    }
    return next;
  }

  function release(): void {
    isHeld = false;
    replies += '250 ok\r\n';
    work(rest);
  }

  return take;
}
