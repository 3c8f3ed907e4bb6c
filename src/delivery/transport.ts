import type { Envelope } from '../core/message.ts';
import type { Reply, Transmission } from '../core/outcome.ts';
import type { StageFacts } from '../core/stage.ts';

/** What a transport carries: frozen bytes and the recipients that are due now. */
export interface Parcel {
  readonly envelope: Envelope;
  /** An RFC 5322 message with CRLF line ends and no bare CR, LF or NUL; not dot-stuffed. */
  readonly mime: Buffer;
  /** The MIME holds octets above 127. */
  readonly eightBit: boolean;
  /** A local part or a header holds UTF-8 outside of encoded words: the far end must offer SMTPUTF8. */
  readonly smtputf8: boolean;
}

export interface SendOptions {
  /**
   * Called once, after RCPT and before the bytes that hold the final dot go to the kernel. `refused` has the replies
   * to the refused RCPTs by recipient index. When it throws, the connection is closed without the dot and `send`
   * rejects with what was thrown: the lease is no longer ours, or the wire journal cannot be written.
   */
  readonly beforeDot: (refused: readonly (Reply | undefined)[]) => void | Promise<void>;
  /** Called once when the reply to the dot is read, before anything else is written on that connection. */
  readonly onReply: (reply: Reply) => void;
  /** Aborted when grace is over: before the dot the connection is closed; after it the result is phase `dot`. */
  readonly signal: AbortSignal;
}

/** One stage of a connection test. */
export interface CheckStage extends StageFacts {
  readonly stage: 'dns' | 'connect' | 'greeting' | 'tls' | 'ehlo' | 'auth' | 'noop' | 'directory' | 'mail';
  readonly ok: boolean;
  /** What was found (addresses, certificate, capabilities) or what failed, in one sentence; never a secret. */
  readonly detail: string;
  readonly ms: number;
}

/** The stages in order; the last one is the failed one when `ok` is false. */
export interface CheckReport {
  readonly ok: boolean;
  readonly stages: readonly CheckStage[];
}

/**
 * A way out for mail. Expected trouble is a value: `send` rejects only with what `beforeDot` threw, or for a bug.
 * `test/suites/transport.ts` says what every implementation must do.
 */
export interface Transport {
  /** How many parcels it can usefully have at once (connections × pipelining window). */
  readonly capacity: number;
  send(parcel: Parcel, options: SendOptions): Promise<Transmission>;
  /** Tries everything short of sending a message, in 10 s at most. */
  check(signal: AbortSignal): Promise<CheckReport>;
  /** Lets what is under way end, then closes; a second call is harmless. */
  close(): Promise<void>;
}
