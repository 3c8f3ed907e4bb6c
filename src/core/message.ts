import type { Address, Mailbox } from './address.ts';

/** 13 digits of base32 (Crockford, lower case) for a 63-bit number, so that text order is time order; see core/id.ts. */
export type MessageId = string;
/** Ids of accounts, keys and providers: small positive integers. */
export type AccountId = number;
export type ProviderId = number;

/** MAIL FROM and RCPT TO. `sender` is `''` for the null reverse-path; recipients are unique and at least one. */
export interface Envelope {
  readonly sender: Address | '';
  readonly recipients: readonly Address[];
}

/** A header field of the caller's own: `name` is an RFC 5322 token, `value` Unicode without CR, LF and NUL. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** A file that travels with a message. */
export interface Attachment {
  /** Unicode file name without path and controls; absent when the caller gave none. */
  readonly filename?: string;
  /** `type/subtype`, optionally with parameters; checked to be tokens. */
  readonly contentType: string;
  /** Base64 text as the caller sent it (checked, line breaks allowed), or the bytes themselves. */
  readonly content: string | Uint8Array;
  /** Content-ID without angle brackets: the part is inline and html refers to it by `cid:`. */
  readonly cid?: string;
}

/** What a caller wants composed. Bcc is not here: it is envelope only. */
export interface Content {
  readonly from: Mailbox;
  /** Sender header field, when it differs from From. */
  readonly sender?: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly subject: string;
  /** Absent: no such part. Neither text nor html: one empty text part. */
  readonly text?: string;
  readonly html?: string;
  readonly attachments: readonly Attachment[];
  /** Added as given, after our own fields. Names on the deny list (core/header-names.ts) never reach here. */
  readonly headers: readonly HeaderField[];
}

/** Which claim goes first within a lane. */
export type Priority = 'high' | 'normal' | 'bulk';
