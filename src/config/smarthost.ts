import type { Encryption } from '../core/provider.ts';
import { isListedHost } from './host-list.ts';

/** The SMTP server of the setting `smarthost`. */
export interface Smarthost {
  readonly host: string;
  readonly port: number;
  readonly encryption: Encryption;
  /** If both are '', the gate does not authenticate. */
  readonly username: string;
  readonly password: string;
}

const FORM = 'smtp://[user:password@]host[:port][?tls=none|starttls] or smtps://…';
const DEFAULT_PORT: Readonly<Record<Encryption, number>> = { tls: 587, ssl: 465, none: 25 };

/** Parses a smarthost URL. Returns an error text if it is invalid; the text shows no part of the URL, which is secret. */
export function parseSmarthost(text: string, allowClearText: readonly string[]): Smarthost | string {
  const url = URL.parse(text);
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '')
    return `must be ${FORM}`;
  if (!['', '/'].includes(url.pathname) || url.hash !== '') return `must be ${FORM}, without a path`;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const encryption = encryptionOf(url, isListedHost(allowClearText, host));
  if (encryption === undefined) return `must be ${FORM}; only smtp:// accepts tls`;
  try {
    const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    const port = url.port === '' ? DEFAULT_PORT[encryption] : Number(url.port);
    if ((username === '') !== (password === '')) return 'must have both a user and a password, or neither';
    return { host, port, encryption, username, password };
  } catch {
    return 'must have valid percent-encoding in user and password';
  }
}

function encryptionOf(url: URL, allowsClearText: boolean): Encryption | undefined {
  const names = [...url.searchParams.keys()];
  const tls = url.searchParams.get('tls');
  if (names.length > 1 || (names.length === 1 && tls === null)) return undefined;
  if (url.protocol === 'smtps:') return tls === null ? 'ssl' : undefined;
  if (tls === null) return allowsClearText ? 'none' : 'tls';
  if (tls === 'none') return 'none';
  return tls === 'starttls' ? 'tls' : undefined;
}
