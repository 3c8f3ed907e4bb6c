import type { Principal } from '../../core/account.ts';
import { type Address, domainOf, type Mailbox, parseAddress } from '../../core/address.ts';
import { AppError, invalidField } from '../../core/errors.ts';
import { mailboxOf } from '../../core/mailbox.ts';
import type { Reply } from '../../core/outcome.ts';
import type { Provider } from '../../core/provider.ts';
import { routeOf } from '../../core/route.ts';
import type { Accepted, Charge, DraftContent, SentItem, Submission } from '../../core/submission.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { TempMailMessage } from '../../operations/temp-mail-operations.ts';
import type { Store } from '../../store/store.ts';
import type { Submit } from '../../submit/submit.ts';
import type { AddressNames } from './address-names.ts';
import type { Balances } from './balances.ts';
import type { TempMailHandlers } from './handlers.ts';
import { isBlocked, type PolicyStore } from './sending-policy.ts';
import { assertQuota, quotaCharges } from './sending-quota.ts';
import { toSentItem } from './sent-message.ts';

export interface SendingContext {
  readonly store: Store;
  readonly submit: Pick<Submit, 'submit'>;
  readonly names: AddressNames;
  readonly policy: PolicyStore;
  readonly balances: Balances;
  /** The account that owns the mail; undefined if it is disabled or does not exist. */
  readonly principal: () => Promise<Principal | undefined>;
  readonly providers: () => readonly Provider[];
  /** The longest time that a request waits for the first attempt. */
  readonly waitMs: number;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Handlers that send messages of addresses. */
export function createSendingHandlers(
  context: SendingContext,
): Pick<TempMailHandlers, 'tempMailSend' | 'tempMailSendAs'> {
  return {
    tempMailSend: ({ address }, message, signal) =>
      send(context, { address, isCharged: true }, message, signal),
    tempMailSendAs: (_caller, { from, message }, signal) => {
      if (from === '') throw new TempMailError('no-address');
      const parsed = parseAddress(from);
      if (!parsed.ok) throw new TempMailError('domain');
      return send(context, { address: parsed.value, isCharged: false }, message, signal);
    },
  };
}

/** Returns the principal for the mail of addresses. Throws if the account is disabled or does not exist. */
export async function assertPrincipal({ principal }: SendingContext): Promise<Principal> {
  const found = await principal();
  if (found !== undefined) return found;
  throw new AppError('account_inactive', 'The account of these addresses is disabled.');
}

interface Sender {
  readonly address: Address;
  /** False for an administrator: the balance of the address stays. */
  readonly isCharged: boolean;
}

/** Makes the checks in the order that the API requires, submits the message, and waits for its first attempt. */
async function send(
  context: SendingContext,
  sender: Sender,
  message: TempMailMessage,
  signal: AbortSignal,
): Promise<undefined> {
  const { address, isCharged } = sender;
  if (!context.names.hasDomain(domainOf(address))) throw new TempMailError('domain');
  if (isCharged) await context.balances.assertEnough(address, 1);
  const policy = await context.policy.current();
  const recipient = recipientOf(message);
  if (isBlocked(policy, message.toMail, recipient)) throw new TempMailError('blocked');
  const content = contentOf(address, recipient, message);
  const quotas = quotaCharges(policy, 1, context.now());
  await assertQuota(context.store.limits, quotas, context.now());
  assertProvider(context, address);
  const sentItem = toSentItem(address, message);
  const charges = [...(isCharged ? [context.balances.charge(address, 1)] : []), ...quotas];
  const wait = AbortSignal.any([signal, AbortSignal.timeout(context.waitMs)]);
  const accepted = await context.submit.submit(
    await assertPrincipal(context),
    submissionOf(address, recipient, { content, charges, sentItem }),
    wait,
  );
  await throwIfRejected(context.store, accepted, charges, sentItem);
  return undefined;
}

function recipientOf({ toMail }: TempMailMessage): Address {
  const parsed = mailboxOf(undefined, toMail);
  if (!parsed.ok) throw new TempMailError('recipient');
  return parsed.value.address;
}

function contentOf(address: Address, recipient: Address, message: TempMailMessage): DraftContent {
  const { subject, content, isHtml } = message;
  if (subject === '') throw new TempMailError('subject');
  if (content === '') throw new TempMailError('content');
  if (/[\r\n\0]/.test(subject)) throw invalidField('subject', 'must not hold line breaks or NUL');
  if (content.includes('\0')) throw invalidField('content', 'must not hold NUL');
  return {
    from: mailbox('from_name', message.fromName, address),
    to: [mailbox('to_name', message.toName, recipient)],
    cc: [],
    replyTo: [],
    subject,
    ...(isHtml ? { html: content } : { text: content }),
    attachments: [],
    headers: [],
  };
}

function mailbox(field: string, name: string, address: Address): Mailbox {
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
  parts: { content: DraftContent; charges: readonly Charge[]; sentItem: SentItem },
): Submission {
  const { content, charges, sentItem } = parts;
  return {
    dialect: 'temp-mail',
    envelope: { sender, recipients: [recipient] },
    body: { kind: 'content', content },
    charges,
    sentItem,
  };
}

/** Returns the charges and removes the sent item if the first attempt was refused. After a crash the charges stay spent. */
async function throwIfRejected(
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
  throw new TempMailError('rejected', formatReason(refused.reply));
}

function formatReason(reply: Reply | undefined): string {
  if (reply === undefined) return 'No provider could send the message.';
  const { code, enhanced, text } = reply;
  return [code, enhanced, text].filter(part => part !== undefined && part !== '').join(' ');
}
