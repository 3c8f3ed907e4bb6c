import { subjectOfAddress } from '../auth/backoff.ts';
import { reply, type SmtpReply } from './smtp-reply.ts';

/** Counts connections, all and by the address they come from. */
export interface Admission {
  /** Takes one in: the answer is how to let it go; or why it is not taken in. */
  enter(address: string): (() => void) | SmtpReply;
}

export interface AdmissionLimits {
  readonly maxConnections: number;
  /** In IPv6 from one /64. */
  readonly maxConnectionsPerAddress: number;
}

export function createAdmission({ maxConnections, maxConnectionsPerAddress }: AdmissionLimits): Admission {
  const byAddress = new Map<string, number>();
  let all = 0;

  function add(subject: string, change: 1 | -1): void {
    all += change;
    const count = (byAddress.get(subject) ?? 0) + change;
    if (count === 0) byAddress.delete(subject);
    else byAddress.set(subject, count);
  }

  return {
    enter(address) {
      const subject = subjectOfAddress(address);
      if (all >= maxConnections) return reply(421, '4.3.2', 'Too many connections; try again later');
      if ((byAddress.get(subject) ?? 0) >= maxConnectionsPerAddress)
        return reply(421, '4.7.0', 'Too many connections from your address');
      add(subject, 1);
      return () => add(subject, -1);
    },
  };
}
