import type { Account } from '../data/shapes.ts';

/** The limits of an account and their labels. */
export const LIMITS = [
  ['maxPerMinute', 'Recipients per minute'],
  ['maxPerHour', 'Recipients per hour'],
  ['maxPerDay', 'Recipients per day'],
  ['maxRecipientsPerMessage', 'Recipients per message'],
] as const;

/** Builds the request body from the form. */
export function accountSettingsOf(form: FormData, account: Account | undefined): object {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const limits = LIMITS.map(([name]) => [name, text(name) === '' ? null : Number(text(name))] as const);
  return {
    ...(form.has('name') && { name: text('name') }),
    allowedSenders: text('allowedSenders')
      .split(/[\s,]+/)
      .filter(sender => sender !== ''),
    limits: Object.fromEntries(limits),
    isEnabled: form.has('isEnabled'),
    sendsNotices: form.has('sendsNotices'),
    ...webhookOf(form, account),
  };
}

/** Sends `webhook: null` only to remove an existing webhook. */
function webhookOf(form: FormData, account: Account | undefined): object {
  const url = String(form.get('webhookUrl') ?? '').trim();
  const old = account?.webhook ?? null;
  if (url === '') return old === null ? {} : { webhook: null };
  const events = form.getAll('webhookEvent').map(String);
  const rotates = form.has('rotateSecret') && old?.url === url;
  return { webhook: { url, events, ...(rotates && { rotateSecret: true }) } };
}
