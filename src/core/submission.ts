import type { Mailbox } from './address.ts';
import type { Json } from './event.ts';
import type { Content, Envelope, MessageId, Priority } from './message.ts';
import type { RecipientState } from './outcome.ts';

/** Content whose From may be left to the first provider of its route (`sendFrom`, `sendFromName`). */
export interface DraftContent extends Omit<Content, 'from'> {
  /** Absent: the provider's default; the envelope's sender is then '' and becomes the default's address. */
  readonly from?: Mailbox;
}

/** A raw MIME message as handed in, line ends already CRLF, or content for our composer. */
export type Body =
  | {
      readonly kind: 'content';
      readonly content: DraftContent;
      /** How text and html parts are encoded; absent: as the composer finds best for each. */
      readonly textEncoding?: 'quoted-printable';
    }
  | { readonly kind: 'raw'; readonly mime: Buffer };

/** What a dialect makes of a request: who shall get what, and how. Addresses are parsed, texts free of NUL. */
export interface Submission {
  readonly dialect: string;
  readonly envelope: Envelope;
  readonly body: Body;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly priority?: Priority;
  /** Epoch ms; not before. At most 30 days ahead. */
  readonly sendAt?: number;
  /** Epoch ms; at most 5 days after the first due time. */
  readonly expiresAt?: number;
  /** The caller's key for "the same request again"; at most 255 characters. */
  readonly idempotencyKey?: string;
  /** What was ignored and should be seen in the message's events. */
  readonly notes?: { readonly [key: string]: Json };
}

/** What the caller of `submit` learns. */
export interface Accepted {
  readonly id: MessageId;
  /** The Message-ID header field, with angle brackets. */
  readonly messageIdHeader: string;
  /** True when the same idempotency key brought the same submission before: `id` is that one's. */
  readonly replayed: boolean;
  readonly recipients: readonly { readonly address: string; readonly state: RecipientState }[];
}
