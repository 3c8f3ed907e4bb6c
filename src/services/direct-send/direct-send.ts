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
  /** What we call ourselves in EHLO. */
  readonly hostName: string;
  /** Random letters and digits, 8 to 40. */
  readonly newToken: () => string;
  /** Epoch ms. */
  readonly now: () => number;
  /** Told when the event of an attempt could not be stored; the mail was sent or refused all the same. */
  readonly onEventLost: (error: unknown) => void;
  /** Absent: the operating system's. */
  readonly resolve?: Resolve;
  /** PEM of the only certification authority to trust; absent: the system's. */
  readonly caPem?: string;
  /** In place of 60 s and 10 s. */
  readonly timeouts?: AttemptTimeouts;
}

const TIMEOUTS: AttemptTimeouts = { limitMs: 60_000, connectMs: 10_000 };

/** Mail that goes straight to a server its caller names: one attempt while the caller waits; nothing is kept but an event. */
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
      if (!isEnabled) throw switchedOff();
      const leave = limits.acquire(client.address, mail.server.host);
      try {
        const parcel = composeMail(context, mail);
        const isTrusted = config.development && client.isKeyless;
        const { outcome, facts } = await attemptDirect(attempts, { mail, parcel, isTrusted, signal });
        record(context, client, mail, facts);
        return outcome;
      } finally {
        leave();
      }
    },
  };
}

function checkRecipients({ recipients }: Envelope, max: number): void {
  if (recipients.length <= max) return;
  const sentence = `There are ${recipients.length} recipients; at most ${max} are accepted.`;
  throw new AppError('too_many_recipients', sentence, { field: 'to' });
}

function switchedOff(): AppError {
  const sentence = 'Sending through servers that callers name is switched off here.';
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

/** Not waited for: the attempt is over, and what is known of it must reach its caller. */
function record(context: DirectSendContext, client: Client, mail: DirectMail, facts: EventData): void {
  const { dialect, server, envelope } = mail;
  const { sender, recipients } = envelope;
  const what = {
    dialect,
    client: client.address,
    server: `${server.host}:${server.port}`,
    sender,
    recipients,
  };
  const event = { at: context.now(), type: 'direct', data: { ...what, ...facts } } as const;
  context.history.record(event).catch(context.onEventLost);
}
