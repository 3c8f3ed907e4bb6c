import type { ProviderId } from '../core/message.ts';
import type { NamedServer } from '../operations/direct-send-operations.ts';
import type { Dialect } from './dialect.ts';
import { inbox } from './inbox/inbox.ts';
import { powermta } from './powermta/powermta.ts';
import { providers } from './providers/providers.ts';
import { smtpMailer } from './smtp-mailer/smtp-mailer.ts';
import { tempMail } from './temp-mail/temp-mail.ts';
import { createTurbosmtp } from './turbosmtp/turbosmtp.ts';
import { v1 } from './v1/v1.ts';

export interface DialectOptions {
  /** The capture provider of development mode; absent: there is no inbox. */
  readonly inbox?: ProviderId;
  /** Status of errors of turboSMTP's version 1; absent: 400. */
  readonly v1ErrorStatus?: number;
  /** The SMTP server of a mail domain, for callers of `/api/smtp` who name none; absent: none is known. */
  readonly serverOf?: (domain: string) => NamedServer | undefined;
  /** Whether a text is the site password of temp-mail; absent: there is none. */
  readonly isSitePassword?: (given: string) => boolean;
}

/**
 * The HTTP APIs we speak, in the order in which they are asked for a path: temp-mail has what others leave of `/api`, and
 * v1 answers for what is left of all.
 */
export function createDialects({
  inbox: provider,
  v1ErrorStatus = 400,
  serverOf = () => undefined,
  isSitePassword,
}: DialectOptions): readonly Dialect[] {
  return [
    powermta,
    ...(provider === undefined ? [] : [inbox(provider)]),
    createTurbosmtp({ v1ErrorStatus }),
    smtpMailer(serverOf),
    providers,
    tempMail(isSitePassword && { isSitePassword }),
    v1,
  ];
}
