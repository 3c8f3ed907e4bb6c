import type { Address, Mailbox } from './address.ts';
import type { Budget } from './budget.ts';
import type { RefusalReason } from './errors.ts';
import type { Json } from './event.ts';
import type { Content, Envelope, HeaderField, MessageId, Priority } from './message.ts';
import type { RecipientState, Reply } from './outcome.ts';

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
      /** Epoch ms, for the Date field; absent: when it is due. */
      readonly date?: number;
      /** The Message-ID field with its angle brackets; absent: a new one. */
      readonly messageId?: string;
    }
  | {
      readonly kind: 'raw';
      readonly mime: Buffer;
      /** Put in front of it: how it came to us. */
      readonly trace?: readonly HeaderField[];
    };

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
  /** Bytes that the composed message may have in this API; absent: as many as the gate takes. */
  readonly maxBytes?: number;
  /** The caller's key for "the same request again"; at most 255 characters. */
  readonly idempotencyKey?: string;
  /** What it costs besides the account's own limits; all of it is taken in the transaction that accepts it, or nothing. */
  readonly charges?: readonly Charge[];
  /** What its sender will find among the sent items; absent: nothing. */
  readonly sentItem?: SentItem;
  /** What was ignored and should be seen in the message's events. */
  readonly notes?: { readonly [key: string]: Json };
}

/** Something a message uses up. `reason` is what the refusal says when there is not enough. */
export type Charge =
  | {
      readonly kind: 'budget';
      readonly budget: Budget;
      readonly amount: number;
      readonly reason?: RefusalReason;
    }
  /** The balance of a temp-mail address; `whenNew` is what it starts with. */
  | {
      readonly kind: 'balance';
      readonly address: Address;
      readonly amount: number;
      readonly whenNew: number;
      readonly reason: RefusalReason;
    };

/** An entry of a temp-mail address's sent items. */
export interface SentItem {
  readonly address: Address;
  /** JSON text, as the API shows it. */
  readonly raw: string;
}

/** What the caller of `submit` learns. */
export interface Accepted {
  readonly id: MessageId;
  /** The Message-ID header field, with angle brackets. */
  readonly messageIdHeader: string;
  /** True when the same idempotency key brought the same submission before: `id` is that one's. */
  readonly replayed: boolean;
  /** `reply`: the far end's words, when the caller waited for the first attempt and there were any. */
  readonly recipients: readonly {
    readonly address: string;
    readonly state: RecipientState;
    readonly reply?: Reply;
  }[];
}
