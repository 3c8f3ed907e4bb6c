import type { Attempts } from '../accounts/attempts.ts';
import type { Delivery } from '../delivery/start-delivery.ts';
import type { Submit } from '../submit.ts';
import { createTempMail, type TempMail } from '../temp-mail/temp-mail.ts';
import type { Foundation } from './foundation.ts';
import { now, random } from './sources.ts';

/** Temp-mail, joined to the rest of the gate. */
export function joinTempMail(
  { config, store, keyring }: Foundation,
  parts: { readonly submit: Submit; readonly delivery: Delivery; readonly attempts: Attempts },
): TempMail {
  const { isEnabled, host, port, certificateFile } = config.smtp;
  return createTempMail({
    config: config.tempMail,
    isDevelopment: config.development,
    store,
    submit: parts.submit,
    principal: () => keyring.keyless(config.tempMail.account),
    providers: parts.delivery.providers,
    attempts: parts.attempts,
    ...(isEnabled && { smtp: { host, port, starttls: certificateFile !== undefined } }),
    random,
    now,
  });
}
