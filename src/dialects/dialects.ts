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
  /** The inbox of development mode; absent: there is no inbox. */
  readonly inbox?: ProviderId;
  /** The status of errors in version 1 of the turboSMTP API; absent: 400. */
  readonly v1ErrorStatus?: number;
  /** Finds the SMTP server of a mail domain, for requests to `/api/smtp` that name no server. */
  readonly findServer?: (domain: string) => NamedServer | undefined;
  /** Checks the site password of temp-mail; absent: none is configured. */
  readonly isSitePassword?: (given: string) => boolean;
}

/**
 * All HTTP APIs, in the order in which the server asks them for a path. temp-mail owns all of `/api` that no earlier one
 * owns, and v1 owns all other paths.
 */
export function createDialects({
  inbox: provider,
  v1ErrorStatus = 400,
  findServer = () => undefined,
  isSitePassword,
}: DialectOptions): readonly Dialect[] {
  return [
    powermta,
    ...(provider === undefined ? [] : [inbox(provider)]),
    createTurbosmtp({ v1ErrorStatus }),
    smtpMailer(findServer),
    providers,
    tempMail(isSitePassword && { isSitePassword }),
    v1,
  ];
}
