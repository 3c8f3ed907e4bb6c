import type { Encryption } from '../core/provider.ts';
import { isListedHost } from './host-list.ts';

/** The SMTP server that a `smarthost` setting names. */
export interface Smarthost {
  readonly host: string;
  readonly port: number;
  readonly encryption: Encryption;
  /** Both '' = no AUTH. */
  readonly username: string;
  readonly password: string;
}

const FORM = 'smtp://[user:password@]host[:port][?tls=none|starttls] or smtps://…';
const DEFAULT_PORT: Readonly<Record<Encryption, number>> = { tls: 587, ssl: 465, none: 25 };

/** Reads a smarthost URL; a text is what is wrong with it, without anything of the URL in it. */
export function parseSmarthost(text: string, allowClearText: readonly string[]): Smarthost | string {
  const url = URL.parse(text);
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '')
    return `must be ${FORM}`;
  if (!['', '/'].includes(url.pathname) || url.hash !== '') return `must be ${FORM}, without a path`;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const encryption = encryptionOf(url, isListedHost(allowClearText, host));
  if (encryption === undefined) return `must be ${FORM}; tls goes with smtp:// only`;
  try {
    const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    const port = url.port === '' ? DEFAULT_PORT[encryption] : Number(url.port);
    if ((username === '') !== (password === '')) return 'must have both a user and a password, or neither';
    return { host, port, encryption, username, password };
  } catch {
    return 'must have %XX in user and password only where a byte is meant';
  }
}

function encryptionOf(url: URL, mayBeClear: boolean): Encryption | undefined {
  const words = [...url.searchParams.keys()];
  const tls = url.searchParams.get('tls');
  if (words.length > 1 || (words.length === 1 && tls === null)) return undefined;
  if (url.protocol === 'smtps:') return tls === null ? 'ssl' : undefined;
  if (tls === null) return mayBeClear ? 'none' : 'tls';
  if (tls === 'none') return 'none';
  return tls === 'starttls' ? 'tls' : undefined;
}
