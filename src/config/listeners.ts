import { isIP } from 'node:net';

/** Where and how to listen for SMTP. */
export interface SmtpListener {
  readonly host: string;
  readonly port: number;
  /** TLS from the start, not by STARTTLS. */
  readonly isImplicitTls: boolean;
}

const FORM = 'smtp://ADDRESS:PORT or smtps://ADDRESS:PORT';

/** Reads a listener's URL; a text is what is wrong with it. */
export function parseListener(text: string): SmtpListener | string {
  const url = URL.parse(text);
  const isKnown = url !== null && ['smtp:', 'smtps:'].includes(url.protocol);
  const host = url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  if (!isKnown || isIP(host) === 0 || url.port === '' || url.href.replace(/\/$/, '').endsWith('/')) {
    return `must be ${FORM}, found ${JSON.stringify(text)}`;
  }
  return { host, port: Number(url.port), isImplicitTls: url.protocol === 'smtps:' };
}
