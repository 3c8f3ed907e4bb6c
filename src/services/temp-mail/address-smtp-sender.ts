import { type Address, domainOf } from '../../core/address.ts';
import { AppError } from '../../core/errors.ts';
import type { Accepted } from '../../core/submission.ts';
import type { MailAddress } from '../../core/temp-mail.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { SmtpMail, SmtpSender } from '../../operations/smtp-sender.ts';
import { assertPrincipal, type SendingContext } from './send-message.ts';
import { isBlocked } from './sending-policy.ts';
import { assertQuota, quotaCharges } from './sending-quota.ts';
import { letterIn, mailboxesIn, sentItemOf } from './sent-message.ts';

/** An address that logged in to SMTP: it sends as itself only, and every recipient costs it one. */
export function createSmtpSender(context: SendingContext, holder: MailAddress): SmtpSender {
  const { address } = holder;
  return {
    name: address,
    async checkSender(sender) {
      assertOwn(address, sender);
      await assertThere(context, holder);
      await assertPrincipal(context);
    },
    async checkRecipient(recipient, taken) {
      const policy = await context.policy.current();
      if (isBlocked(policy, recipient, recipient)) throw new TempMailError('blocked');
      await context.balances.assertEnough(address, taken + 1);
      const now = context.now();
      await assertQuota(context.store.limits, quotaCharges(policy, taken + 1, now), now);
    },
    async submit(mail) {
      await assertThere(context, holder);
      return submit(context, address, mail);
    },
  };
}

async function submit(
  context: SendingContext,
  address: Address,
  { sender, recipients, mime, trace }: SmtpMail,
): Promise<Accepted> {
  // A From that cannot be read is refused by the way in, and so is a header too long for us to find it.
  for (const from of mailboxesIn(mime, 'from') ?? []) assertOwn(address, from.address);
  const amount = recipients.length;
  const quotas = quotaCharges(await context.policy.current(), amount, context.now());
  return context.submit.submit(await assertPrincipal(context), {
    dialect: 'smtp',
    envelope: { sender, recipients },
    body: { kind: 'raw', mime, ...(trace && { trace }) },
    charges: [context.balances.charge(address, amount), ...quotas],
    sentItem: sentItemOf(address, await letterIn(mime, recipients)),
  });
}

/** An address that was removed since it logged in, or whose domain was, sends nothing more. */
async function assertThere({ store, names }: SendingContext, { id, address }: MailAddress): Promise<void> {
  if (!names.isOurs(domainOf(address))) throw notAllowed(address, address);
  if ((await store.addresses.get(id)) !== undefined) return;
  throw new AppError('unauthenticated', `There is no address ${address} any more.`);
}

function assertOwn(address: Address, sender: Address | ''): void {
  if (sender.toLowerCase() !== address.toLowerCase()) throw notAllowed(address, sender);
}

function notAllowed(address: Address, sender: Address | ''): AppError {
  const sentence = `Whoever logs in as ${address} may not send as ${sender === '' ? '<>' : sender}.`;
  return new AppError('sender_not_allowed', sentence, { field: 'from' });
}
