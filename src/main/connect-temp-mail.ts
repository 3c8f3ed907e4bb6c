import type { Attempts } from '../auth/failed-logins.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { createTempMail, type TempMail } from '../services/temp-mail/temp-mail.ts';
import type { Submit } from '../submit/submit.ts';
import { now, random } from './clock-and-randomness.ts';
import type { Foundation } from './resources.ts';

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
