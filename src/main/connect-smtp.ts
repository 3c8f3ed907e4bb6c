import { hostname } from 'node:os';
import type { Config } from '../config/config-schema.ts';
import { isListedHost } from '../config/host-list.ts';
import { parseListener } from '../config/listeners.ts';
import { createKeyLogIn, keysOr } from '../smtp-server/key-log-in.ts';
import { createSmtpServer, type ListenAt, type SmtpServer } from '../smtp-server/smtp-server.ts';
import { now } from './clock-and-randomness.ts';
import type { Behind } from './connect-http.ts';
import type { Foundation } from './resources.ts';

/** The SMTP front, for keys and for temp-mail addresses; undefined when it is switched off. */
export function smtpServer(
  { config, log }: Foundation,
  { submit, tempMail, authenticate }: Behind,
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
    logIn: keysOr(createKeyLogIn({ authenticate, submit: submit.submit }), tempMail.logIn),
  });
}

function listenersOf({ smtp: { host, port, listeners } }: Config): ListenAt[] {
  // The configuration was checked: each of them can be read.
  const further = listeners.map(parseListener).filter(one => typeof one !== 'string');
  return [{ host, port, isImplicitTls: false }, ...further];
}
