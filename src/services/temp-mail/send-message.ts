import type { Principal } from '../../core/account.ts';
import { type Address, domainOf, type Mailbox, parseAddress } from '../../core/address.ts';
import { AppError, invalidField } from '../../core/errors.ts';
import { mailboxOf } from '../../core/mailbox.ts';
import type { Reply } from '../../core/outcome.ts';
import type { Provider } from '../../core/provider.ts';
import { routeOf } from '../../core/route.ts';
import type { Accepted, Charge, DraftContent, SentItem, Submission } from '../../core/submission.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { TempMailLetter } from '../../operations/temp-mail-operations.ts';
import type { Store } from '../../store/store.ts';
import type { Submit } from '../../submit/submit.ts';
import type { AddressNames } from './address-names.ts';
import type { Balances } from './balances.ts';
import type { TempMailHandlers } from './handlers.ts';
import { isBlocked, type PolicyBook } from './sending-policy.ts';
import { assertQuota, quotaCharges } from './sending-quota.ts';
import { sentItemOf } from './sent-message.ts';

export interface SendingContext {
  readonly store: Store;
  readonly submit: Pick<Submit, 'submit'>;
  readonly names: AddressNames;
  readonly policy: PolicyBook;
  readonly balances: Balances;
  /** The account that the mail belongs to; undefined when it is disabled or there is none. */
  readonly principal: () => Promise<Principal | undefined>;
  readonly providers: () => readonly Provider[];
  /** How long a request waits for the first attempt. */
  readonly waitMs: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What letters of addresses are sent by. */
export function createSendingHandlers(
  context: SendingContext,
): Pick<TempMailHandlers, 'tempMailSend' | 'tempMailSendAs'> {
  return {
    tempMailSend: ({ address }, letter, signal) => send(context, { address, pays: true }, letter, signal),
    tempMailSendAs: (_who, { from, letter }, signal) => {
      if (from === '') throw new TempMailError('no-address');
      const parsed = parseAddress(from);
      if (!parsed.ok) throw new TempMailError('domain');
      return send(context, { address: parsed.value, pays: false }, letter, signal);
    },
  };
}

/** Who may send mail of addresses; refuses when the account is disabled or there is none. */
export async function assertPrincipal({ principal }: SendingContext): Promise<Principal> {
  const found = await principal();
  if (found !== undefined) return found;
  throw new AppError('account_inactive', 'The account of these addresses is disabled.');
}

interface Sender {
  readonly address: Address;
  /** False: it costs no balance. */
  readonly pays: boolean;
}

/** The checks in the order in which the API says what they find; then the message, and what its first attempt came to. */
async function send(
  context: SendingContext,
  sender: Sender,
  letter: TempMailLetter,
  signal: AbortSignal,
): Promise<undefined> {
  const { address, pays } = sender;
  if (!context.names.isOurs(domainOf(address))) throw new TempMailError('domain');
  if (pays) await context.balances.assertEnough(address, 1);
  const policy = await context.policy.current();
  const recipient = recipientOf(letter);
  if (isBlocked(policy, letter.toMail, recipient)) throw new TempMailError('blocked');
  const content = contentOf(address, recipient, letter);
  const quotas = quotaCharges(policy, 1, context.now());
  await assertQuota(context.store.limits, quotas, context.now());
  assertProvider(context, address);
  const sentItem = sentItemOf(address, letter);
  const charges = [...(pays ? [context.balances.charge(address, 1)] : []), ...quotas];
  const wait = AbortSignal.any([signal, AbortSignal.timeout(context.waitMs)]);
  const accepted = await context.submit.submit(
    await assertPrincipal(context),
    submissionOf(address, recipient, { content, charges, sentItem }),
    wait,
  );
  await refuseRejected(context.store, accepted, charges, sentItem);
  return undefined;
}

function recipientOf({ toMail }: TempMailLetter): Address {
  const parsed = mailboxOf(undefined, toMail);
  if (!parsed.ok) throw new TempMailError('recipient');
  return parsed.value.address;
}

function contentOf(address: Address, recipient: Address, letter: TempMailLetter): DraftContent {
  const { subject, content, isHtml } = letter;
  if (subject === '') throw new TempMailError('subject');
  if (content === '') throw new TempMailError('content');
  if (/[\r\n\0]/.test(subject)) throw invalidField('subject', 'must not hold line breaks or NUL');
  if (content.includes('\0')) throw invalidField('content', 'must not hold NUL');
  return {
    from: named('from_name', letter.fromName, address),
    to: [named('to_name', letter.toName, recipient)],
    cc: [],
    replyTo: [],
    subject,
    ...(isHtml ? { html: content } : { text: content }),
    attachments: [],
    headers: [],
  };
}

function named(field: string, name: string, address: Address): Mailbox {
  const parsed = mailboxOf(name, address);
  if (!parsed.ok) throw invalidField(field, parsed.reason);
  return parsed.value;
}

function assertProvider({ providers }: SendingContext, address: Address): void {
  const domain = domainOf(address);
  if (routeOf(providers(), { senderDomain: domain }).length === 0) {
    throw new TempMailError('no-provider', domain);
  }
}

function submissionOf(
  sender: Address,
  recipient: Address,
  made: { content: DraftContent; charges: readonly Charge[]; sentItem: SentItem },
): Submission {
  const { content, charges, sentItem } = made;
  return {
    dialect: 'temp-mail',
    envelope: { sender, recipients: [recipient] },
    body: { kind: 'content', content },
    charges,
    sentItem,
  };
}

/** A message that nobody will get costs nothing, and was not sent. What a crash keeps from being put back stays spent. */
async function refuseRejected(
  { limits, addresses }: Store,
  { recipients }: Accepted,
  charges: readonly Charge[],
  sentItem: SentItem,
): Promise<void> {
  const refused = recipients.find(({ state }) => state === 'bounced' || state === 'failed');
  if (refused === undefined) return;
  const balance = charges.find(charge => charge.kind === 'balance');
  await addresses.undo({ ...sentItem, amount: balance?.amount ?? 0 });
  for (const charge of charges) {
    if (charge.kind === 'budget') await limits.giveBack({ budgets: [charge.budget], amount: charge.amount });
  }
  throw new TempMailError('rejected', lineOf(refused.reply));
}

function lineOf(reply: Reply | undefined): string {
  if (reply === undefined) return 'No provider could take the message.';
  const { code, enhanced, text } = reply;
  return [code, enhanced, text].filter(part => part !== undefined && part !== '').join(' ');
}
