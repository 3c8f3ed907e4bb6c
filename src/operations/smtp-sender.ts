import type { Address } from '../core/address.ts';
import type { HeaderField } from '../core/message.ts';
import type { Accepted } from '../core/submission.ts';

/** A message as SMTP brought it: line ends are CRLF, no bare CR, LF or NUL, dots unstuffed. */
export interface SmtpMail {
  readonly sender: Address | '';
  /** At least one, each of which `checkRecipient` took. */
  readonly recipients: readonly Address[];
  readonly mime: Buffer;
  /** To be put in front of it, how it came to us; the server always says. */
  readonly trace?: readonly HeaderField[];
}

/** Who logged in, and what they may do. What is refused is an AppError, said by replies.ts. */
export interface SmtpSender {
  /** For the log: the account's name, or the address. */
  readonly name: string;
  /** At MAIL: whether it may send as this. */
  checkSender(sender: Address | ''): void | Promise<void>;
  /** At RCPT, with how many were taken before. */
  checkRecipient(recipient: Address, taken: number): void | Promise<void>;
  /** At the dot: resolves once the message is durable. */
  submit(mail: SmtpMail): Promise<Accepted>;
}

/** Whose user name and password they are; undefined when nobody's. May throw AppError `rate_limited` and others. */
export type LogIn = (
  given: { readonly user: string; readonly password: string },
  clientAddress: string,
) => Promise<SmtpSender | undefined>;
