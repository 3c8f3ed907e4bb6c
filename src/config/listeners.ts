import { isIP } from 'node:net';

/** A socket that listens for SMTP. */
export interface SmtpListener {
  readonly host: string;
  readonly port: number;
  /** The TLS handshake comes before the greeting (RFC 8314), instead of STARTTLS. */
  readonly isImplicitTls: boolean;
}

const FORM = 'smtp://ADDRESS:PORT or smtps://ADDRESS:PORT';

/** Parses the URL of a listener. Returns an error text if it is invalid. */
export function parseListener(text: string): SmtpListener | string {
  const url = URL.parse(text);
  const isSmtp = url !== null && ['smtp:', 'smtps:'].includes(url.protocol);
  const host = url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  if (!isSmtp || isIP(host) === 0 || url.port === '' || url.href.replace(/\/$/, '').endsWith('/')) {
    return `must be ${FORM}, found ${JSON.stringify(text)}`;
  }
  return { host, port: Number(url.port), isImplicitTls: url.protocol === 'smtps:' };
}
