import type { Config } from '../../config/config-schema.ts';
import { isListedHost } from '../../config/host-list.ts';
import { AppError } from '../../core/errors.ts';
import { resolveWithin } from '../../net/dial.ts';
import { createGuardedResolve, TargetRefusedError } from '../../net/guard.ts';
import { isLoopbackAddress } from '../../net/internal-addresses.ts';
import type { Resolve } from '../../net/resolve.ts';
import type { NamedServer } from '../../operations/direct-send-operations.ts';
import type { KnownServers } from './known-servers.ts';

/** A server that may be talked to. */
export interface DirectTarget {
  readonly server: NamedServer;
  /** All checked: the only ones to connect to. */
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
  /** From this machine and in development mode: loopback is allowed, on any port and in clear. */
  readonly isTrusted: boolean;
  readonly dnsTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves the server that a caller named and holds it against the policy: throws `forbidden` where it may not be
 * named, always in the same words and before anything is sent there. Undefined: the name leads nowhere.
 */
export async function findTarget(
  rules: TargetRules,
  request: TargetRequest,
): Promise<DirectTarget | undefined> {
  const { known, config } = rules;
  const { server, isTrusted } = request;
  const isKnown = known.isConfigured(server);
  const mayHavePort = isKnown || config.smtpMailer.ports.map(Number).includes(server.port);
  // Known without asking anybody, so not even the time of a look-up is told.
  if (!mayHavePort && !isTrusted) throw refused();
  const isAllowed = (text: string): boolean =>
    isKnown || isListedHost(config.smtpMailer.hosts, text) || (isTrusted && isLoopbackAddress(text));
  const resolve = createGuardedResolve({ allows: isAllowed, resolve: rules.resolve });
  const resolved = await resolveWithin(resolve, { ...request, host: server.host });
  if (!resolved.ok && resolved.cause instanceof TargetRefusedError) throw refused();
  if (!resolved.ok || resolved.addresses.length === 0) return undefined;
  const { addresses } = resolved;
  const isOwn = isTrusted && addresses.every(isLoopbackAddress);
  if (!mayHavePort && !isOwn) throw refused();
  const isListedClear = isListedHost(config.allowClearText, server.host);
  return { server, addresses, allowsAuthInClear: isOwn || isListedClear };
}

function refused(): AppError {
  return new AppError('forbidden', 'The server or its port is not one that may be named here.', {
    reason: 'target-refused',
  });
}
