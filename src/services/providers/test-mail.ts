import { domainOf, needsSmtputf8, parseAddress } from '../../core/address.ts';
import { invalidField } from '../../core/errors.ts';
import type { Content } from '../../core/message.ts';
import { formatReplyLine, type Transmission } from '../../core/outcome.ts';
import type { Provider } from '../../core/provider.ts';
import type { CheckStage, Parcel, Transport } from '../../delivery/transport.ts';
import { compose } from '../../mime/compose.ts';
import type { TestMail } from '../../operations/provider-operations.ts';

/** The limit for the connection, the message and its reply, in ms. */
const LIMIT_MS = 15_000;

export interface TestMailContext {
  /** Epoch ms. */
  readonly now: () => number;
  /** Returns 8 to 40 random letters and digits. */
  readonly newName: () => string;
}

/** Composes a test message for a provider. Throws `invalid` if the provider cannot send it. */
export function draftTestMail(
  { now, newName }: TestMailContext,
  provider: Provider,
  { to, from }: TestMail,
): Parcel {
  if (provider.kind === 'capture')
    throw invalidField('mailTo', 'is not possible for an inbox: it sends no mail');
  const sender = from ?? senderOf(provider);
  if (sender === undefined) throw invalidField('mailFrom', 'is missing: this provider has no default sender');
  const content: Content = {
    from: { name: 'Postern', address: sender },
    ...{ to: [{ address: to }], cc: [], replyTo: [], attachments: [], headers: [] },
    subject: 'Test of a mail provider',
    text: `This message shows that ${nameOf(provider)} delivers mail.\n\nSomebody sent it as a test from Postern.\n`,
  };
  const messageId = `<${newName()}@${domainOf(sender)}>`;
  const composed = compose(content, { date: now(), messageId, boundaryToken: newName() });
  const isUtf8 = needsSmtputf8(sender) || needsSmtputf8(to);
  return {
    ...composed,
    smtputf8: composed.smtputf8 || isUtf8,
    envelope: { sender, recipients: [to] },
  };
}

/** Sends the message once, on a new connection. Nothing of it is stored. */
export async function sendTestMail(
  transport: Transport,
  parcel: Parcel,
  signal: AbortSignal,
): Promise<CheckStage> {
  const started = performance.now();
  const transmission = await transport.send(parcel, {
    beforeDot() {},
    onReply() {},
    signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
  });
  const ms = Math.round(performance.now() - started);
  return { stage: 'mail', ...resultOf(transmission, parcel.envelope.recipients[0] ?? ''), ms };
}

function resultOf(
  { phase, reply, error, refusal, recipients }: Transmission,
  to: string,
): Pick<CheckStage, 'ok' | 'detail'> {
  const [recipientReply] = recipients;
  const decisive = recipientReply !== undefined && recipientReply.code >= 400 ? recipientReply : reply;
  const ok = phase === 'done' && decisive !== undefined && decisive.code < 400;
  const reason = decisive === undefined ? (refusal ?? error ?? 'no reply came') : formatReplyLine(decisive);
  if (ok) return { ok, detail: `Accepted for ${to}: ${reason}` };
  const prefix = phase === 'dot' ? 'The message may have been delivered: ' : '';
  return { ok, detail: `${prefix}${reason}` };
}

function senderOf(provider: Provider): TestMail['from'] {
  if (provider.sendFrom !== '') return provider.sendFrom;
  if (provider.kind !== 'smtp') return undefined;
  const parsed = parseAddress(provider.username);
  return parsed.ok ? parsed.value : undefined;
}

function nameOf(provider: Provider): string {
  if (provider.caption !== null && provider.caption !== '') return provider.caption;
  return provider.kind === 'smtp' ? provider.host : 'this provider';
}
