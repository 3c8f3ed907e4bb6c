import { type Address, domainOf } from '../../core/address.ts';
import { AppError } from '../../core/errors.ts';
import type { Accepted } from '../../core/submission.ts';
import type { MailAddress } from '../../core/temp-mail.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { SmtpMail, SmtpSender } from '../../operations/smtp-sender.ts';
import { assertPrincipal, type SendingContext } from './send-message.ts';
import { isBlocked } from './sending-policy.ts';
import { assertQuota, quotaCharges } from './sending-quota.ts';
import { mailboxesIn, readSentMessage, toSentItem } from './sent-message.ts';

/** An address that has logged in by SMTP. It sends only as itself, and each recipient costs one from its balance. */
export function createSmtpSender(context: SendingContext, mailAddress: MailAddress): SmtpSender {
  const { address } = mailAddress;
  return {
    name: address,
    async checkSender(sender) {
      assertOwn(address, sender);
      await assertExists(context, mailAddress);
      await assertPrincipal(context);
    },
    async checkRecipient(recipient, acceptedSoFar) {
      const policy = await context.policy.current();
      if (isBlocked(policy, recipient, recipient)) throw new TempMailError('blocked');
      await context.balances.assertEnough(address, acceptedSoFar + 1);
      const now = context.now();
      await assertQuota(context.store.limits, quotaCharges(policy, acceptedSoFar + 1, now), now);
    },
    async submit(mail) {
      await assertExists(context, mailAddress);
      return submit(context, address, mail);
    },
  };
}

async function submit(
  context: SendingContext,
  address: Address,
  { sender, recipients, mime, trace }: SmtpMail,
): Promise<Accepted> {
  // `submit` refuses a From that cannot be parsed, and a header that is too long to find it.
  for (const from of mailboxesIn(mime, 'from') ?? []) assertOwn(address, from.address);
  const amount = recipients.length;
  const quotas = quotaCharges(await context.policy.current(), amount, context.now());
  return context.submit.submit(await assertPrincipal(context), {
    dialect: 'smtp',
    envelope: { sender, recipients },
    body: { kind: 'raw', mime, ...(trace && { trace }) },
    charges: [context.balances.charge(address, amount), ...quotas],
    sentItem: toSentItem(address, await readSentMessage(mime, recipients)),
  });
}

/** Throws if the address, or its domain, was removed after the login. */
async function assertExists({ store, names }: SendingContext, { id, address }: MailAddress): Promise<void> {
  if (!names.hasDomain(domainOf(address))) throw notAllowed(address, address);
  if ((await store.addresses.get(id)) !== undefined) return;
  throw new AppError('unauthenticated', `The address ${address} no longer exists.`);
}

function assertOwn(address: Address, sender: Address | ''): void {
  if (sender.toLowerCase() !== address.toLowerCase()) throw notAllowed(address, sender);
}

function notAllowed(address: Address, sender: Address | ''): AppError {
  const sentence = `The address ${address} may not send as ${sender === '' ? '<>' : sender}.`;
  return new AppError('sender_not_allowed', sentence, { field: 'from' });
}
