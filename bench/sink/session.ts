import { findStamp, MARKER, STAMP_LENGTH } from '../stamp.ts';

/** The effects of a session of the sink. */
export interface SessionContext {
  /** How long the reply to each message is delayed, in ms. Pipelined commands after it wait, too. */
  readonly delayMs: number;
  /** Called for each message, with undefined if it has no number. */
  readonly onMessage: (id: number | undefined) => void;
  readonly write: (replies: string) => void;
  readonly hangUp: () => void;
}

/** Processes a chunk from the client. */
export type Session = (chunk: Buffer) => void;

export const GREETING = '220 sink.test ESMTP\r\n';

const CAPABILITIES = '250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 52428800\r\n';
const END_OF_DATA = Buffer.from('\r\n.\r\n');
const LF = 0x0a;
/** Bytes to read again with the next chunk, because they may be the beginning of a marker or of the end of data. */
const OVERLAP = MARKER.length + STAMP_LENGTH - 1;
const NOTHING = Buffer.alloc(0);

const REPLIES: Readonly<Record<string, string>> = {
  EHLO: CAPABILITIES,
  HELO: '250 sink.test\r\n',
  MAIL: '250 ok\r\n',
  RCPT: '250 ok\r\n',
  DATA: '354 go ahead\r\n',
  RSET: '250 ok\r\n',
  NOOP: '250 ok\r\n',
  QUIT: '221 bye\r\n',
};

/** The server side of an SMTP connection. It accepts everything, and answers pipelined commands in one write (RFC 2920). */
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

  /** Reads one command or message. Returns the offset of the next one; undefined if more input is needed. */
  function step(input: Buffer, at: number): number | undefined {
    if (isHeld || at === input.length) return undefined;
    return isInData ? readData(input, at) : readCommand(input, at);
  }

  function readCommand(input: Buffer, at: number): number | undefined {
    const end = input.indexOf(LF, at);
    if (end === -1) return undefined;
    const verb = input.toString('latin1', at, at + 4).toUpperCase();
    replies += REPLIES[verb] ?? '500 unknown command\r\n';
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
