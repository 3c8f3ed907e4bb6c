import wellKnown from 'nodemailer/lib/well-known';
import { parseDomainServer } from '../../config/domain-servers.ts';
import type { NamedServer } from '../../operations/direct-send-operations.ts';

const IMPLICIT_TLS_PORT = 465;
const SUBMISSION_PORT = 587;

/** SMTP servers by mail domain, for requests that name no server. */
export interface KnownServers {
  /** The server of a domain in lower-case A-labels: from the configuration, or else from the list of Nodemailer. */
  findByDomain(domain: string): NamedServer | undefined;
  /** Returns true if the configuration contains this server. All callers may use it. */
  isConfigured(server: NamedServer): boolean;
}

/** Takes the entries of `smtpMailer.servers`. `checkConfig` has validated them. */
export function createKnownServers(entries: readonly string[]): KnownServers {
  const parsed = entries.map(parseDomainServer).filter(entry => typeof entry !== 'string');
  const servers = new Map(parsed.map(({ domain, ...server }): [string, NamedServer] => [domain, server]));
  const endpoints = new Set([...servers.values()].map(endpointOf));
  return {
    findByDomain: domain => servers.get(domain) ?? wellKnownServer(domain),
    isConfigured: server => endpoints.has(endpointOf(server)),
  };
}

/** Every server of this list without implicit TLS offers STARTTLS, so STARTTLS is required. */
function wellKnownServer(domain: string): NamedServer | undefined {
  // The list is a plain object, so it also has `constructor`. Some entries have no host.
  const service = wellKnown(domain);
  if (typeof service !== 'object' || typeof service.host !== 'string') return undefined;
  const { host, secure = false, port = secure ? IMPLICIT_TLS_PORT : SUBMISSION_PORT } = service;
  return { host, port: Number(port), encryption: secure ? 'ssl' : 'tls' };
}

function endpointOf({ host, port }: NamedServer): string {
  return `${host.toLowerCase()} ${port}`;
}
