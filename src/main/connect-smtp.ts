import { hostname } from 'node:os';
import type { Config } from '../config/config-schema.ts';
import { isListedHost } from '../config/host-list.ts';
import { parseListener } from '../config/listeners.ts';
import { chooseLogIn, createKeyLogIn } from '../smtp-server/key-log-in.ts';
import { createSmtpServer, type ListenAt, type SmtpServer } from '../smtp-server/smtp-server.ts';
import { now } from './clock-and-randomness.ts';
import type { ServerDependencies } from './connect-http.ts';
import type { Resources } from './resources.ts';

/** Creates the SMTP server; undefined if SMTP is disabled. The password is a key, or that of a temp-mail address. */
export function connectSmtp(
  { config, log }: Resources,
  { submit, tempMail, authenticate }: ServerDependencies,
): SmtpServer | undefined {
  const { isEnabled, certificateFile, certificateKeyFile, allowAuthInClear } = config.smtp;
  if (!isEnabled) return undefined;
  const { maxConnections, maxConnectionsPerAddress, trustedProxies } = config.smtp;
  return createSmtpServer({
    ...config.limits,
    ...{ maxConnections, maxConnectionsPerAddress, allowAuthInClear, now, log: log.logger },
    listeners: listenersOf(config),
    isProxy: address => isListedHost(trustedProxies, address),
    ...(certificateFile !== undefined &&
      certificateKeyFile !== undefined && { certificate: { certificateFile, certificateKeyFile } }),
    hostName: hostname(),
    logIn: chooseLogIn(createKeyLogIn({ authenticate, submit: submit.submit }), tempMail.logIn),
  });
}

function listenersOf({ smtp: { host, port, listeners } }: Config): ListenAt[] {
  // The configuration check has refused listeners that cannot be parsed.
  const further = listeners.map(parseListener).filter(one => typeof one !== 'string');
  return [{ host, port, isImplicitTls: false }, ...further];
}
