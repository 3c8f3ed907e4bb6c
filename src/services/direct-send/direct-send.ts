import type { Config } from '../../config/config-schema.ts';
import { type Address, domainOf, needsSmtputf8 } from '../../core/address.ts';
import { AppError } from '../../core/errors.ts';
import type { EventData } from '../../core/event.ts';
import type { Envelope } from '../../core/message.ts';
import { compose } from '../../mime/compose.ts';
import { type Resolve, resolveHost } from '../../net/resolve.ts';
import type { DirectMail } from '../../operations/direct-send-operations.ts';
import type { Client } from '../../operations/operation.ts';
import type { Handlers } from '../../operations/operations.ts';
import type { Store } from '../../store/store.ts';
import { type AttemptTimeouts, attemptDirect, type ComposedParcel } from './direct-attempt.ts';
import { createDirectLimits } from './direct-limits.ts';
import type { KnownServers } from './known-servers.ts';

export interface DirectSendContext {
  readonly config: Pick<Config, 'development' | 'smtpMailer' | 'allowClearText' | 'limits'>;
  readonly known: KnownServers;
  readonly history: Pick<Store['history'], 'record'>;
  /** The host name in EHLO. */
  readonly hostName: string;
  /** Returns 8 to 40 random letters and digits. */
  readonly newToken: () => string;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called if the event of an attempt could not be stored. It does not change the outcome of the attempt. */
  readonly onEventLost: (error: unknown) => void;
  /** Absent: the resolver of the operating system. */
  readonly resolve?: Resolve;
  /** PEM of the only certificate authority to trust; absent: those of the system. */
  readonly caPem?: string;
  /** Absent: 60 s for the whole attempt, 10 s for the connection. */
  readonly timeouts?: AttemptTimeouts;
}

const TIMEOUTS: AttemptTimeouts = { limitMs: 60_000, connectMs: 10_000 };

/** Sends mail to a server that the caller names: one attempt while the caller waits. Only an event of it is stored. */
export function createDirectSendHandlers(context: DirectSendContext): Pick<Handlers, 'sendDirect'> {
  const { config } = context;
  const { maxPerMinute, maxConcurrent, isEnabled } = config.smtpMailer;
  const limits = createDirectLimits({ maxPerMinute, maxConcurrent, now: () => performance.now() });
  const attempts = {
    ...context,
    timeouts: context.timeouts ?? TIMEOUTS,
    resolve: context.resolve ?? resolveHost,
  };
  return {
    async sendDirect(client, mail, signal) {
      checkRecipients(mail.envelope, config.limits.maxRecipients);
      if (!isEnabled) throw notEnabled();
      const release = limits.acquire(client.address, mail.server.host);
      try {
        const parcel = composeMail(context, mail);
        const isTrusted = config.development && client.isKeyless;
        const { outcome, facts } = await attemptDirect(attempts, { mail, parcel, isTrusted, signal });
        record(context, client, mail, facts);
        return outcome;
      } finally {
        release();
      }
    },
  };
}

function checkRecipients({ recipients }: Envelope, max: number): void {
  if (recipients.length <= max) return;
  const sentence = `There are ${recipients.length} recipients; at most ${max} are accepted.`;
  throw new AppError('too_many_recipients', sentence, { field: 'to' });
}

function notEnabled(): AppError {
  const sentence = 'Sending through servers that the request names is switched off.';
  return new AppError('forbidden', sentence, { reason: 'switched-off' });
}

function composeMail(context: DirectSendContext, { content, envelope }: DirectMail): ComposedParcel {
  const { config, newToken, now } = context;
  const messageIdHeader = `<${newToken()}@${domainOf(content.from.address)}>`;
  const frame = { date: now(), messageId: messageIdHeader, boundaryToken: newToken() };
  const { mime, eightBit, smtputf8 } = compose(content, frame);
  const { maxMessageBytes } = config.limits;
  if (mime.length > maxMessageBytes) {
    const sentence = `The message has ${mime.length} bytes; at most ${maxMessageBytes} are accepted.`;
    throw new AppError('too_large', sentence);
  }
  return { envelope, mime, eightBit, smtputf8: smtputf8 || needsUtf8(envelope), messageIdHeader };
}

function needsUtf8({ sender, recipients }: Envelope): boolean {
  const isUtf8 = (address: Address | ''): boolean => address !== '' && needsSmtputf8(address);
  return isUtf8(sender) || recipients.some(isUtf8);
}

/** Does not wait for the store: the caller must get the outcome even if the event cannot be stored. */
function record(context: DirectSendContext, client: Client, mail: DirectMail, facts: EventData): void {
  const { dialect, server, envelope } = mail;
  const { sender, recipients } = envelope;
  const mailData = {
    dialect,
    client: client.address,
    server: `${server.host}:${server.port}`,
    sender,
    recipients,
  };
  const event = { at: context.now(), type: 'direct', data: { ...mailData, ...facts } } as const;
  context.history.record(event).catch(context.onEventLost);
}
