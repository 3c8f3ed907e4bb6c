import type { Delivery } from '../delivery/delivery.ts';
import { createTempMail, type TempMail } from '../services/temp-mail/temp-mail.ts';
import type { Submit } from '../submit/submit.ts';
import { now, random } from './clock-and-randomness.ts';
import type { Resources } from './resources.ts';

/** Creates the temp-mail service. */
export function connectTempMail(
  { config, store, keyring, loginLimiter }: Resources,
  { submit, delivery }: { readonly submit: Submit; readonly delivery: Delivery },
): TempMail {
  const { isEnabled, host, port, certificateFile } = config.smtp;
  return createTempMail({
    config: config.tempMail,
    isDevelopment: config.development,
    store,
    submit,
    principal: () => keyring.keyless(config.tempMail.account),
    providers: delivery.providers,
    loginLimiter,
    ...(isEnabled && { smtp: { host, port, starttls: certificateFile !== undefined } }),
    random,
    now,
  });
}
