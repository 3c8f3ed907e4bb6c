import type { Config } from '../../config/config-schema.ts';
import { isListedHost } from '../../config/host-list.ts';
import { AppError } from '../../core/errors.ts';
import { resolveWithin } from '../../net/dial.ts';
import { createGuardedResolve, TargetRefusedError } from '../../net/guard.ts';
import { isLoopbackAddress } from '../../net/internal-addresses.ts';
import type { Resolve } from '../../net/resolve.ts';
import type { NamedServer } from '../../operations/direct-send-operations.ts';
import type { KnownServers } from './known-servers.ts';

/** A server that the gate may connect to. */
export interface DirectTarget {
  readonly server: NamedServer;
  /** Checked addresses. The gate connects to no others. */
  readonly addresses: readonly string[];
  /** The password may be sent to it unencrypted. */
  readonly allowsAuthInClear: boolean;
}

export interface TargetRules {
  readonly config: Pick<Config, 'smtpMailer' | 'allowClearText'>;
  readonly known: KnownServers;
  readonly resolve: Resolve;
}

export interface TargetRequest {
  readonly server: NamedServer;
  /** The caller is on loopback in development mode. It may use loopback servers, on any port and without TLS. */
  readonly isTrusted: boolean;
  readonly dnsTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves the server that a caller names, and checks it against the policy. Throws `forbidden` before it connects, always
 * with the same text, if the server is not allowed. Undefined if the name has no address.
 */
export async function findTarget(
  rules: TargetRules,
  request: TargetRequest,
): Promise<DirectTarget | undefined> {
  const { known, config } = rules;
  const { server, isTrusted } = request;
  const isConfigured = known.isConfigured(server);
  const isPortAllowed = isConfigured || config.smtpMailer.ports.map(Number).includes(server.port);
  // Refuse before the DNS lookup: the time of the lookup would tell the caller something about the name.
  if (!isPortAllowed && !isTrusted) throw notAllowed();
  const isAllowed = (text: string): boolean =>
    isConfigured || isListedHost(config.smtpMailer.hosts, text) || (isTrusted && isLoopbackAddress(text));
  const resolve = createGuardedResolve({ allows: isAllowed, resolve: rules.resolve });
  const resolved = await resolveWithin(resolve, { ...request, host: server.host });
  if (!resolved.ok && resolved.cause instanceof TargetRefusedError) throw notAllowed();
  if (!resolved.ok || resolved.addresses.length === 0) return undefined;
  const { addresses } = resolved;
  const isOwnLoopback = isTrusted && addresses.every(isLoopbackAddress);
  if (!isPortAllowed && !isOwnLoopback) throw notAllowed();
  const isListedClear = isListedHost(config.allowClearText, server.host);
  return { server, addresses, allowsAuthInClear: isOwnLoopback || isListedClear };
}

function notAllowed(): AppError {
  return new AppError('forbidden', 'This server or port is not allowed.', {
    reason: 'target-refused',
  });
}
