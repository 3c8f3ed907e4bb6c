import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { isListedHost } from '../../config/host-list.ts';
import { type Address, parseAddress } from '../../core/address.ts';
import { hasControl } from '../../core/control-characters.ts';
import { parseDomain } from '../../core/domain.ts';
import type { Problem } from '../../core/errors.ts';
import type { Chaos, Encryption, Provider, ProviderLimits, SmtpProvider } from '../../core/provider.ts';
import type { ProviderSettings } from '../../operations/provider-operations.ts';

// Each reader gives the fields of one kind of provider, from the settings, else as they were, else their defaults, and
// notes what is wrong. What it gives besides a noted problem is never used.

const DEFAULT_PRIORITY = 10;
const DEFAULT_WEIGHT = 100;
const DEFAULT_CONNECTIONS = 20;
const DEFAULT_RECIPIENTS = 100;
const DEFAULT_PORT: Readonly<Record<Encryption, number>> = { tls: 587, ssl: 465, none: 25 };
const MAX_TEXT = 255;
/** More is no limit in practice, and sums of it stay exact. */
const MAX_LIMIT = 1_000_000_000;
const LIMITS = ['maxPerSecond', 'maxPerMinute', 'maxPerHour', 'maxPerDay'] as const;

type CommonFields = Pick<
  Provider,
  | 'caption'
  | 'isEnabled'
  | 'priority'
  | 'weight'
  | 'limits'
  | 'senderDomains'
  | 'maxRecipientsPerMessage'
  | 'sendFrom'
  | 'sendFromName'
>;

/** What every kind has. */
export function readCommon(
  settings: ProviderSettings,
  old: Provider | undefined,
  problems: Problem[],
): CommonFields {
  const caption = settings.caption === undefined ? (old?.caption ?? null) : settings.caption || null;
  const fields = {
    caption,
    isEnabled: settings.isEnabled ?? old?.isEnabled ?? true,
    priority: settings.priority ?? old?.priority ?? DEFAULT_PRIORITY,
    weight: settings.weight ?? old?.weight ?? DEFAULT_WEIGHT,
    limits: readLimits(settings, old?.limits ?? {}, problems),
    senderDomains: readDomains(settings.senderDomains ?? old?.senderDomains ?? [], problems),
    maxRecipientsPerMessage:
      settings.maxRecipientsPerMessage ?? old?.maxRecipientsPerMessage ?? DEFAULT_RECIPIENTS,
    sendFrom: readSender(settings.sendFrom ?? old?.sendFrom ?? '', problems),
    sendFromName: settings.sendFromName ?? old?.sendFromName ?? '',
  };
  checkText('caption', caption ?? '', problems);
  checkNumber('priority', fields.priority, [0, 1_000_000], problems);
  checkNumber('weight', fields.weight, [0, 1_000], problems);
  checkNumber('maxRecipientsPerMessage', fields.maxRecipientsPerMessage, [1, 10_000], problems);
  checkText('sendFromName', fields.sendFromName, problems);
  return fields;
}

type SmtpFields = Pick<
  SmtpProvider,
  'host' | 'port' | 'encryption' | 'username' | 'maxConnections' | 'caPem'
> & { readonly password: string | undefined };

/** What an SMTP server has. `password` is absent when it stays as it was. */
export function readSmtp(
  settings: ProviderSettings,
  old: SmtpProvider | undefined,
  allowClearText: readonly string[],
  problems: Problem[],
): SmtpFields {
  const encryption = settings.encryption ?? old?.encryption ?? 'tls';
  const host = readHost(settings.host ?? old?.host ?? '', problems);
  const caPem = settings.caPem === null ? undefined : (settings.caPem ?? old?.caPem);
  const fields = {
    host,
    port: settings.port ?? old?.port ?? DEFAULT_PORT[encryption],
    encryption,
    username: settings.username ?? old?.username ?? '',
    password: settings.password,
    maxConnections: settings.maxConnections ?? old?.maxConnections ?? DEFAULT_CONNECTIONS,
    ...(caPem !== undefined && { caPem }),
  };
  checkNumber('port', fields.port, [1, 65_535], problems);
  if (encryption === 'none' && !isListedHost(allowClearText, host)) {
    const message = `none is not allowed for ${host || 'this host'}: list it in allowClearText of the configuration, or use tls or ssl`;
    problems.push({ field: 'encryption', message });
  }
  checkText('username', fields.username, problems);
  checkPassword(fields, old, problems);
  checkNumber('maxConnections', fields.maxConnections, [1, 1000], problems);
  if (caPem !== undefined) checkCertificate(caPem, problems);
  return fields;
}

/** What a pickup directory has. */
export function readPickup(
  settings: ProviderSettings,
  old: Provider | undefined,
  problems: Problem[],
): { directory: string } {
  const directory = settings.directory ?? (old?.kind === 'pickup' ? old.directory : '');
  if (!isAbsolute(directory) || hasControl(directory)) {
    problems.push({ field: 'directory', message: 'must be the absolute path of a directory' });
  }
  return { directory };
}

const LONGEST_DELAY_MS = 10_000;
const REFUSAL = /^[45]\d\d(?: [45]\.\d{1,3}\.\d{1,3})? [\x21-\x7e][\x20-\x7e]{0,199}$/;

/** The trouble that an inbox makes; null takes it away. */
export function readChaos(
  { chaos: given }: ProviderSettings,
  old: Provider | undefined,
  problems: Problem[],
): { chaos?: Chaos } {
  const chaos = given === undefined ? (old?.kind === 'capture' ? old.chaos : undefined) : given;
  if (chaos === undefined || chaos === null) return {};
  const note = (field: string, message: string): void => {
    problems.push({ field: `chaos.${field}`, message });
  };
  const isWhole = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  if (!isWhole(chaos.percent, 1, 100)) note('percent', 'must be a whole number from 1 to 100');
  if (!isWhole(chaos.delayMs, 0, LONGEST_DELAY_MS)) {
    note('delayMs', `must be a whole number from 0 to ${LONGEST_DELAY_MS}`);
  }
  if (chaos.reply !== undefined && !REFUSAL.test(chaos.reply)) {
    note('reply', 'must be a refusal on one line, such as 451 4.7.1 try later');
  }
  return { chaos };
}

/** Null takes a limit away; what is not named stays. */
function readLimits(settings: ProviderSettings, old: ProviderLimits, problems: Problem[]): ProviderLimits {
  const limits: { -readonly [K in keyof ProviderLimits]: ProviderLimits[K] } = {};
  for (const field of LIMITS) {
    const limit = settings[field] === undefined ? old[field] : settings[field];
    if (limit === undefined || limit === null) continue;
    checkNumber(field, limit, [1, MAX_LIMIT], problems);
    limits[field] = limit;
  }
  return limits;
}

function readHost(host: string, problems: Problem[]): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return bare.toLowerCase();
  const parsed = parseDomain(host);
  if (parsed.ok) return parsed.value;
  const message = host === '' ? 'is missing' : 'must be a host name or an IP address';
  problems.push({ field: 'host', message });
  return '';
}

function readSender(sender: string, problems: Problem[]): Address | '' {
  if (sender === '') return '';
  const parsed = parseAddress(sender);
  if (parsed.ok) return parsed.value;
  problems.push({ field: 'sendFrom', message: `must be an address: ${parsed.reason}` });
  return '';
}

function readDomains(domains: readonly string[], problems: Problem[]): string[] {
  const read = domains.flatMap(domain => {
    const parsed = parseDomain(domain);
    if (parsed.ok) return [parsed.value];
    problems.push({ field: 'senderDomains', message: `${JSON.stringify(domain)}: ${parsed.reason}` });
    return [];
  });
  return [...new Set(read)];
}

function checkPassword(
  { username, password }: Pick<SmtpFields, 'username' | 'password'>,
  old: SmtpProvider | undefined,
  problems: Problem[],
): void {
  const hasPassword = password === undefined ? (old?.sealedPassword ?? '') !== '' : password !== '';
  if (hasPassword !== (username !== '')) {
    problems.push({
      field: 'password',
      message: 'and username go together: give both, or neither for no AUTH',
    });
  }
  if (password !== undefined && hasControl(password)) {
    problems.push({ field: 'password', message: 'must not hold control characters' });
  }
}

function checkCertificate(pem: string, problems: Problem[]): void {
  try {
    new X509Certificate(pem);
  } catch {
    problems.push({ field: 'caPem', message: 'must be a certificate in PEM' });
  }
}

function checkText(field: string, text: string, problems: Problem[]): void {
  if (hasControl(text)) problems.push({ field, message: 'must not hold control characters' });
  if (text.length > MAX_TEXT)
    problems.push({ field, message: `must not be longer than ${MAX_TEXT} characters` });
}

function checkNumber(
  field: string,
  value: number,
  [least, most]: readonly [number, number],
  problems: Problem[],
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  problems.push({ field, message: `must be a whole number from ${least} to ${most}` });
}
