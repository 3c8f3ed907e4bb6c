import type { Transmission } from '../../core/outcome.ts';
import type { Parcel } from '../../delivery/transport.ts';
import { createSmtpTransport } from '../../delivery/transports/smtp.ts';
import { createDialer } from '../../net/dial.ts';
import type { AttemptDeadline } from './attempt-deadline.ts';
import type { DirectTarget } from './direct-target.ts';

/** One message for one server. The password exists only in this record, in the transport and on the connection. */
export interface DirectParcel {
  readonly target: DirectTarget;
  readonly username: string;
  readonly password: string;
  readonly parcel: Parcel;
  /** The host name in EHLO. */
  readonly hostName: string;
  readonly connectTimeoutMs: number;
  /** PEM of the only certificate authority to trust; absent: those of the system. */
  readonly caPem?: string;
}

/** The transmission, with the times and the EHLO reply that this API reports to its caller. */
export interface TransmitResult {
  readonly transmission: Transmission;
  /** The lines of the EHLO reply without the first; empty if the attempt ended before it. */
  readonly ehlo: readonly string[];
  /** As in `DirectResult`; 0 if the attempt ended before that step. */
  readonly envelopeMs: number;
  readonly messageMs: number;
}

/** Sends a message once, on a new connection to the checked addresses. */
export async function transmit(direct: DirectParcel, deadline: AttemptDeadline): Promise<TransmitResult> {
  const { target, username, password, parcel, hostName, connectTimeoutMs, caPem } = direct;
  const { server, addresses, allowsAuthInClear } = target;
  let ehlo: readonly string[] = [];
  const times = { mail: 0, data: 0, reply: 0 };
  const transport = createSmtpTransport({
    ...server,
    ...{ username, password, allowsAuthInClear, hostName },
    isAuthOptional: true,
    maxConnections: 1,
    dial: createDialer(async () => addresses),
    timeouts: { connectMs: connectTimeoutMs },
    ...(caPem !== undefined && { caPem }),
    onSession({ capabilities }) {
      ehlo = capabilities.lines;
      times.mail = performance.now();
    },
  });
  try {
    const transmission = await transport.send(parcel, {
      beforeDot() {
        deadline.ignoreCaller();
        times.data = performance.now();
      },
      onReply() {
        times.reply = performance.now();
      },
      signal: deadline.signal,
    });
    return { transmission, ehlo, ...durations(times) };
  } finally {
    // QUIT can take 2 s. The caller does not wait for it.
    void transport.close();
  }
}

function durations({ mail, data, reply }: { mail: number; data: number; reply: number }) {
  return {
    envelopeMs: data === 0 ? 0 : Math.round(data - mail),
    messageMs: reply === 0 ? 0 : Math.round(reply - data),
  };
}
