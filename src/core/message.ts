import type { Address, Mailbox } from './address.ts';

/** 13 digits of base32 (Crockford, lower case) for a 63-bit number. The text order is the time order; see core/id.ts. */
export type MessageId = string;
/** Ids of accounts, keys and providers: small positive integers. */
export type AccountId = number;
export type ProviderId = number;

/** MAIL FROM and RCPT TO. `sender` is `''` for the null reverse-path. There is at least one recipient, and all differ. */
export interface Envelope {
  readonly sender: Address | '';
  readonly recipients: readonly Address[];
}

/** A header field that the caller adds. `name` is an RFC 5322 field name, `value` is Unicode without CR, LF and NUL. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** An attached file. */
export interface Attachment {
  /** Unicode file name without path and control characters; absent when the caller gave none. */
  readonly filename?: string;
  /** `type/subtype`, optionally with parameters. All are checked to be valid tokens. */
  readonly contentType: string;
  /** Base64 text as the caller sent it (checked, may have line breaks), or the bytes. */
  readonly content: string | Uint8Array;
  /** Content-ID without angle brackets. If present, the part is inline and html refers to it by `cid:`. */
  readonly cid?: string;
}

/** The fields of a message that the gate composes. Bcc recipients are only in the envelope. */
export interface Content {
  readonly from: Mailbox;
  /** Sender header field, if it differs from From. */
  readonly sender?: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly subject: string;
  /** Absent: no such part. Without text and html the message has one empty text part. */
  readonly text?: string;
  readonly html?: string;
  readonly attachments: readonly Attachment[];
  /** Written unchanged after the fields of the gate. Names on the deny list (core/header-names.ts) were refused before. */
  readonly headers: readonly HeaderField[];
}

/** Which messages of a lane are claimed first. */
export type Priority = 'high' | 'normal' | 'bulk';
