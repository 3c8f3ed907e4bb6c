import type { Address, Mailbox } from './address.ts';
import type { Budget } from './budget.ts';
import type { RefusalReason } from './errors.ts';
import type { Json } from './event.ts';
import type { Content, Envelope, HeaderField, MessageId, Priority } from './message.ts';
import type { RecipientState, Reply } from './outcome.ts';

/** Content whose From can be absent: then the first provider of the route supplies it (`sendFrom`, `sendFromName`). */
export interface DraftContent extends Omit<Content, 'from'> {
  /** Absent: the default of the provider. The envelope sender is then '', and the address of that default replaces it. */
  readonly from?: Mailbox;
}

/** A raw MIME message with CRLF line ends, or content that the gate composes. */
export type Body =
  | {
      readonly kind: 'content';
      readonly content: DraftContent;
      /** Encoding of the text and html parts; absent: the composer chooses the best one for each part. */
      readonly textEncoding?: 'quoted-printable';
      /** Epoch ms of the Date field; absent: the time at which the message is due. */
      readonly date?: number;
      /** The Message-ID field with its angle brackets; absent: a new one is created. */
      readonly messageId?: string;
    }
  | {
      readonly kind: 'raw';
      readonly mime: Buffer;
      /** Header fields that are put in front of the message: how the gate received it. */
      readonly trace?: readonly HeaderField[];
    };

/** A message with its envelope and options. A dialect creates it from a request. Addresses are parsed; texts have no NUL. */
export interface Submission {
  readonly dialect: string;
  readonly envelope: Envelope;
  readonly body: Body;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly priority?: Priority;
  /** Epoch ms of the earliest attempt. At most 30 days ahead. */
  readonly sendAt?: number;
  /** Epoch ms of the expiry. At most 5 days after `sendAt`, or after the acceptance. */
  readonly expiresAt?: number;
  /** Size limit of the composed message in this API; absent: the limit of the gate. */
  readonly maxBytes?: number;
  /** The client's name for this request; at most 255 characters. A repeated request with the same key sends nothing. */
  readonly idempotencyKey?: string;
  /** Charges besides the limits of the account. One transaction accepts the message and takes all charges, or neither. */
  readonly charges?: readonly Charge[];
  /** The entry of the sent items of the temp-mail address; absent: none. */
  readonly sentItem?: SentItem;
  /** Fields that the gate ignored. They are shown in the events of the message. */
  readonly notes?: { readonly [key: string]: Json };
}

/** Something that a message uses up. `reason` is the reason of the refusal when there is not enough. */
export type Charge =
  | {
      readonly kind: 'budget';
      readonly budget: Budget;
      readonly amount: number;
      readonly reason?: RefusalReason;
    }
  /** The balance of a temp-mail address. `whenNew` is the balance of a new address. */
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

/** The result of `submit` for its caller. */
export interface Accepted {
  readonly id: MessageId;
  /** The Message-ID header field, with angle brackets. */
  readonly messageIdHeader: string;
  /** True when an earlier request had the same idempotency key and the same content: `id` is the id of that message. */
  readonly replayed: boolean;
  /** `reply`: the reply of the server, when the caller waited for the first attempt and there was one. */
  readonly recipients: readonly {
    readonly address: string;
    readonly state: RecipientState;
    readonly reply?: Reply;
  }[];
}
