import { parseDomain } from '../core/domain.ts';
import type { Encryption } from '../core/provider.ts';

/** The SMTP server for the mailboxes of a domain. */
export interface DomainServer {
  readonly domain: string;
  readonly host: string;
  readonly port: number;
  readonly encryption: Exclude<Encryption, 'none'>;
}

const FORM = 'domain=smtps://host[:port] or domain=smtp://host[:port]';

/** Parses an entry of `smtpMailer.servers`. Returns an error text if it is invalid. */
export function parseDomainServer(text: string): DomainServer | string {
  const [, name = '', target = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const domain = parseDomain(name.trim());
  const url = URL.parse(target.trim());
  if (!domain.ok || url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '') {
    return `must contain only ${FORM}, found ${JSON.stringify(text)}`;
  }
  const isImplicit = url.protocol === 'smtps:';
  return {
    domain: domain.value,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (isImplicit ? 465 : 587) : Number(url.port),
    encryption: isImplicit ? 'ssl' : 'tls',
  };
}
