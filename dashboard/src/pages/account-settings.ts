import type { Account } from '../data/shapes.ts';

/** The limits of an account, and what they count. */
export const LIMITS = [
  ['maxPerMinute', 'Recipients a minute'],
  ['maxPerHour', 'Recipients an hour'],
  ['maxPerDay', 'Recipients a day'],
  ['maxRecipientsPerMessage', 'Recipients a message'],
] as const;

/** The settings in a form as the API wants them. */
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

/** Only what says something: a webhook that is not there is not to be taken away. */
function webhookOf(form: FormData, account: Account | undefined): object {
  const url = String(form.get('webhookUrl') ?? '').trim();
  const old = account?.webhook ?? null;
  if (url === '') return old === null ? {} : { webhook: null };
  const events = form.getAll('webhookEvent').map(String);
  const rotates = form.has('rotateSecret') && old?.url === url;
  return { webhook: { url, events, ...(rotates && { rotateSecret: true }) } };
}
