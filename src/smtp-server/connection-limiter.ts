import { subjectOfAddress } from '../auth/backoff.ts';
import { reply, type SmtpReply } from './smtp-reply.ts';

/** Limits the number of connections, in total and for each client address. */
export interface ConnectionLimiter {
  /** Counts a connection. Returns the function that ends the count, or the reply that refuses the connection. */
  admit(address: string): (() => void) | SmtpReply;
}

export interface ConnectionLimits {
  readonly maxConnections: number;
  /** An IPv6 /64 counts as one address. */
  readonly maxConnectionsPerAddress: number;
}

export function createConnectionLimiter({
  maxConnections,
  maxConnectionsPerAddress,
}: ConnectionLimits): ConnectionLimiter {
  const byAddress = new Map<string, number>();
  let all = 0;

  function add(subject: string, change: 1 | -1): void {
    all += change;
    const count = (byAddress.get(subject) ?? 0) + change;
    if (count === 0) byAddress.delete(subject);
    else byAddress.set(subject, count);
  }

  return {
    admit(address) {
      const subject = subjectOfAddress(address);
      if (all >= maxConnections) return reply(421, '4.3.2', 'Too many connections; try again later');
      if ((byAddress.get(subject) ?? 0) >= maxConnectionsPerAddress)
        return reply(421, '4.7.0', 'Too many connections from your address');
      add(subject, 1);
      return () => add(subject, -1);
    },
  };
}
