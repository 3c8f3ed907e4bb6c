import type { Envelope } from '../core/message.ts';
import type { Reply, Transmission } from '../core/outcome.ts';
import type { StageFacts } from '../core/stage.ts';

/** A message as a transport sends it, with the recipients that are due now. */
export interface Parcel {
  readonly envelope: Envelope;
  /** An RFC 5322 message with CRLF line endings, without bare CR, bare LF or NUL. It is not dot-stuffed. */
  readonly mime: Buffer;
  /** The message has octets above 127. */
  readonly eightBit: boolean;
  /** A local part or a header field has UTF-8 outside of encoded words: the server must offer SMTPUTF8 (RFC 6531). */
  readonly smtputf8: boolean;
}

export interface SendOptions {
  /**
   * Called once, after RCPT and before the bytes with the final dot are handed to the kernel. `refused` has the replies to
   * refused RCPTs, by the index of the recipient. When it throws or rejects (the lease expires, or the wire journal cannot be
   * written), the connection is closed without the dot, and `send` rejects with the same error.
   */
  readonly beforeDot: (refused: readonly (Reply | undefined)[]) => void | Promise<void>;
  /** Called once when the reply to the dot is read, before anything else is written on that connection. */
  readonly onReply: (reply: Reply) => void;
  /** Aborted at the end of the grace period. Before the dot, the connection is closed. After it, the phase is `dot`. */
  readonly signal: AbortSignal;
}

/** One stage of a connection test. */
export interface CheckStage extends StageFacts {
  readonly stage: 'dns' | 'connect' | 'greeting' | 'tls' | 'ehlo' | 'auth' | 'noop' | 'directory' | 'mail';
  readonly ok: boolean;
  /** One sentence: what was found (addresses, certificate, capabilities) or what failed. Never a secret. */
  readonly detail: string;
  readonly ms: number;
}

/** The stages in order. When `ok` is false, the last one failed. */
export interface CheckReport {
  readonly ok: boolean;
  readonly stages: readonly CheckStage[];
}

/**
 * Sends messages to a provider. Expected failures are values: `send` rejects only with the error of `beforeDot`, or for a
 * bug. `test/suites/transport.ts` says what every transport must do.
 */
export interface Transport {
  /** How many messages it can send at the same time (connections × pipelining depth). */
  readonly capacity: number;
  send(parcel: Parcel, options: SendOptions): Promise<Transmission>;
  /** Does everything except send a message, within 10 s. */
  check(signal: AbortSignal): Promise<CheckReport>;
  /** Waits for what is under way, then closes. A second call is harmless. */
  close(): Promise<void>;
}
