import { domainOf, needsSmtputf8, parseAddress } from '../../core/address.ts';
import { invalidField } from '../../core/errors.ts';
import type { Content } from '../../core/message.ts';
import { formatReplyLine, type Transmission } from '../../core/outcome.ts';
import type { Provider } from '../../core/provider.ts';
import type { CheckStage, Parcel, Transport } from '../../delivery/transport.ts';
import { compose } from '../../mime/compose.ts';
import type { TestMail } from '../../operations/provider-operations.ts';

/** For the connection, the message and its answer, in ms. */
const LIMIT_MS = 15_000;

export interface TestMailContext {
  /** Epoch ms. */
  readonly now: () => number;
  /** Random letters and digits, 8 to 40. */
  readonly newName: () => string;
}

/** A test mail for a provider; throws `invalid` where it cannot be sent by it. Before anything is tried. */
export function draftTestMail(
  { now, newName }: TestMailContext,
  provider: Provider,
  { to, from }: TestMail,
): Parcel {
  if (provider.kind === 'capture')
    throw invalidField('mailTo', 'is for providers by which mail leaves: an inbox is none');
  const sender = from ?? senderOf(provider);
  if (sender === undefined) throw invalidField('mailFrom', 'is missing: this provider has no default sender');
  const content: Content = {
    from: { name: 'Postern', address: sender },
    ...{ to: [{ address: to }], cc: [], replyTo: [], attachments: [], headers: [] },
    subject: 'Test of a mail provider',
    text: `This message shows that mail goes out by ${nameOf(provider)}.\n\nIt was asked for by hand, in Postern.\n`,
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

/** Sends it once, over a connection of its own; nothing of it is kept. */
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
  return { stage: 'mail', ...verdictOf(transmission, parcel.envelope.recipients[0] ?? ''), ms };
}

function verdictOf(
  { phase, reply, error, refusal, recipients }: Transmission,
  to: string,
): Pick<CheckStage, 'ok' | 'detail'> {
  const [ofRecipient] = recipients;
  const refused = ofRecipient !== undefined && ofRecipient.code >= 400 ? ofRecipient : reply;
  const ok = phase === 'done' && refused !== undefined && refused.code < 400;
  const said = refused === undefined ? (refusal ?? error ?? 'no answer came') : formatReplyLine(refused);
  if (ok) return { ok, detail: `Taken for ${to}: ${said}` };
  const isOpen = phase === 'dot' ? 'It may have been sent all the same: ' : '';
  return { ok, detail: `${isOpen}${said}` };
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
