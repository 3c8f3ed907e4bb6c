import type { Transmission } from '../../core/outcome.ts';
import type { Parcel } from '../../delivery/transport.ts';
import { createSmtpTransport } from '../../delivery/transports/smtp.ts';
import { createDialer } from '../../net/dial.ts';
import type { AttemptDeadline } from './attempt-deadline.ts';
import type { DirectTarget } from './direct-target.ts';

/** One message for one server. The password is in here, in the transport, on the wire, and nowhere else. */
export interface DirectParcel {
  readonly target: DirectTarget;
  readonly username: string;
  readonly password: string;
  readonly parcel: Parcel;
  /** What we call ourselves in EHLO. */
  readonly hostName: string;
  readonly connectTimeoutMs: number;
  /** PEM of the only certification authority to trust; absent: the system's. */
  readonly caPem?: string;
}

/** The facts of the transmission, with the times and offers that only its caller asks for. */
export interface TransmitResult {
  readonly transmission: Transmission;
  /** What EHLO was answered, without the first line; empty when it did not get there. */
  readonly ehlo: readonly string[];
  /** As `DirectResult` has them; 0 when it did not get there. */
  readonly envelopeMs: number;
  readonly messageMs: number;
}

/** Sends a message once, over a connection of its own that goes to checked addresses only. */
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
    // The goodbye takes up to 2 s; nobody has to wait for it.
    void transport.close();
  }
}

function durations({ mail, data, reply }: { mail: number; data: number; reply: number }) {
  return {
    envelopeMs: data === 0 ? 0 : Math.round(data - mail),
    messageMs: reply === 0 ? 0 : Math.round(reply - data),
  };
}
