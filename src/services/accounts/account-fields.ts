import type { Account, AccountLimits, Webhook } from '../../core/account.ts';
import { parseAddress } from '../../core/address.ts';
import { hasControl } from '../../core/control-characters.ts';
import { parseDomain } from '../../core/domain.ts';
import type { Problem } from '../../core/errors.ts';
import type { AccountSettings } from '../../operations/account-operations.ts';

// Each reader gives one setting of an account, from the settings, else as it was, and notes what is wrong. What it gives
// besides a noted problem is never used.

const MAX_NAME = 255;
const MAX_URL = 2_000;
const MOST = 1_000_000_000;
const LIMITS = ['maxPerMinute', 'maxPerHour', 'maxPerDay', 'maxRecipientsPerMessage'] as const;

/** Notes a name that no account can have. */
export function checkAccountName(field: string, name: string, problems: Problem[]): void {
  if (name !== '' && name.length <= MAX_NAME && !hasControl(name)) return;
  problems.push({ field, message: `must be 1 to ${MAX_NAME} characters without control characters` });
}

/** What an account may send as, in the form in which addresses are compared, each once. */
export function readAllowedSenders(entries: readonly string[], problems: Problem[]): string[] {
  const read = entries.map(entry => {
    const sender = readAllowedSender(entry);
    if (sender !== undefined) return sender;
    const message = `${JSON.stringify(entry)} is neither *, nor @domain, nor an address`;
    problems.push({ field: 'allowedSenders', message });
    return entry;
  });
  return [...new Set(read)];
}

/** The limits with those changed that are given; null takes one away. */
export function readLimits(
  settings: AccountSettings['limits'],
  old: AccountLimits,
  problems: Problem[],
): AccountLimits {
  const limits: { -readonly [K in keyof AccountLimits]: AccountLimits[K] } = {};
  for (const name of LIMITS) {
    const given = settings?.[name];
    const value = given === undefined ? old[name] : (given ?? undefined);
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1 || value > MOST) {
      problems.push({ field: `limits.${name}`, message: `must be a whole number from 1 to ${MOST}` });
    }
    limits[name] = value;
  }
  return limits;
}

/** A webhook as it shall be, and whether it needs a secret of its own. */
export type WebhookDraft = Pick<Webhook, 'url' | 'events'> & { readonly needsSecret: boolean };

/** Where events shall be posted; null: nowhere. `allowsHost` tells the hosts to which `http:` may go. */
export function readWebhook(
  settings: AccountSettings['webhook'],
  old: Account['webhook'],
  allowsHost: (host: string) => boolean,
  problems: Problem[],
): WebhookDraft | null {
  if (settings === null || (settings === undefined && old === null)) return null;
  const given = settings?.url ?? old?.url ?? '';
  const url = settings?.url === undefined ? given : readUrl(given, allowsHost, problems);
  if (given === '') problems.push({ field: 'webhook.url', message: 'is missing' });
  return {
    url,
    events: [...new Set(settings?.events ?? old?.events ?? [])],
    needsSecret: url !== old?.url || settings?.rotateSecret === true,
  };
}

function readUrl(text: string, allowsHost: (host: string) => boolean, problems: Problem[]): string {
  const note = (message: string): string => {
    problems.push({ field: 'webhook.url', message });
    return text;
  };
  const url = text.length <= MAX_URL && !hasControl(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return text === '' ? text : note(`must be a URL of at most ${MAX_URL} characters`);
  if (url.username !== '' || url.password !== '') return note('must not hold a user name or password');
  const isAllowed = url.protocol === 'http:' && allowsHost(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (url.protocol !== 'https:' && !isAllowed) {
    return note(
      'must begin with https:, or with http: where webhooks.allowHosts of the configuration names the host',
    );
  }
  return url.href;
}

function readAllowedSender(entry: string): string | undefined {
  if (entry === '*') return entry;
  if (entry.startsWith('@')) {
    const domain = parseDomain(entry.slice(1));
    if (domain.ok) return `@${domain.value}`;
  }
  const address = parseAddress(entry);
  return address.ok ? address.value : undefined;
}
