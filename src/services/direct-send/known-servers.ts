import wellKnown from 'nodemailer/lib/well-known';
import { parseDomainServer } from '../../config/domain-servers.ts';
import type { NamedServer } from '../../operations/direct-send-operations.ts';

const IMPLICIT_TLS_PORT = 465;
const SUBMISSION_PORT = 587;

/** The SMTP servers of mailboxes, for callers who name none. */
export interface KnownServers {
  /** The server of a mail domain (lower-case A-labels): the operator's word, else what is well known. */
  findByDomain(domain: string): NamedServer | undefined;
  /** Whether the operator's map names it, which lets everybody name it. */
  isConfigured(server: NamedServer): boolean;
}

/** Reads the entries of `smtpMailer.servers`, which the configuration has checked. */
export function createKnownServers(entries: readonly string[]): KnownServers {
  const parsed = entries.map(parseDomainServer).filter(entry => typeof entry !== 'string');
  const servers = new Map(parsed.map(({ domain, ...server }): [string, NamedServer] => [domain, server]));
  const endpoints = new Set([...servers.values()].map(endpointOf));
  return {
    findByDomain: domain => servers.get(domain) ?? wellKnownServer(domain),
    isConfigured: server => endpoints.has(endpointOf(server)),
  };
}

/** All of these offer STARTTLS where they have no TLS from the start, so it is asked for. */
function wellKnownServer(domain: string): NamedServer | undefined {
  // Its list is a plain object, which also has a `constructor`; and some entries have no host.
  const service = wellKnown(domain);
  if (typeof service !== 'object' || typeof service.host !== 'string') return undefined;
  const { host, secure = false, port = secure ? IMPLICIT_TLS_PORT : SUBMISSION_PORT } = service;
  return { host, port: Number(port), encryption: secure ? 'ssl' : 'tls' };
}

function endpointOf({ host, port }: NamedServer): string {
  return `${host.toLowerCase()} ${port}`;
}
