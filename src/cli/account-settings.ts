import { type Command, InvalidArgumentError } from 'commander';
import { type CommonOptions, collect } from './command-options.ts';

/** A value, or `none`. Null is not possible: commander treats null as a missing value. */
type OrNone<T> = T | 'none';

/** The options with the settings of an account. */
export interface AccountOptions extends CommonOptions {
  readonly allow?: readonly string[];
  readonly maxPerMinute?: OrNone<number>;
  readonly maxPerHour?: OrNone<number>;
  readonly maxPerDay?: OrNone<number>;
  readonly maxRecipients?: OrNone<number>;
  readonly notices?: boolean;
  readonly webhook?: OrNone<string>;
  readonly webhookEvent?: readonly string[];
  readonly webhookSecret?: boolean;
}

/** Adds these options to a command. The value `none` removes a limit or the webhook. */
export function withAccountOptions(command: Command): Command {
  return command
    .option('--allow <sender>', 'allowed sender: an address, @domain or *, repeatable', collect)
    .option('--max-per-minute <n>', 'recipients in any minute, or none', parseLimit)
    .option('--max-per-hour <n>', 'recipients in any hour, or none', parseLimit)
    .option('--max-per-day <n>', 'recipients in any 24 hours, or none', parseLimit)
    .option('--max-recipients <n>', 'recipients of one message, or none', parseLimit)
    .option('--notices', 'send bounce messages to senders of mail by SMTP or pickup (the default)')
    .option('--no-notices', 'do not send bounce messages')
    .option('--webhook <url>', 'URL that receives its events, or none')
    .option('--webhook-event <type>', 'post only events of this type, repeatable (default: all)', collect);
}

/** The settings in the format of the API. Options that were not given are absent. */
export function settingsOf(options: AccountOptions): object {
  const limits = definedFields({
    maxPerMinute: nullForNone(options.maxPerMinute),
    maxPerHour: nullForNone(options.maxPerHour),
    maxPerDay: nullForNone(options.maxPerDay),
    maxRecipientsPerMessage: nullForNone(options.maxRecipients),
  });
  return definedFields({
    allowedSenders: options.allow,
    limits: Object.keys(limits).length === 0 ? undefined : limits,
    sendsNotices: options.notices,
    webhook: webhookOf(options),
  });
}

function webhookOf({ webhook, webhookEvent, webhookSecret }: AccountOptions): object | null | undefined {
  if (webhook === 'none') return null;
  const changes = definedFields({ url: webhook, events: webhookEvent, rotateSecret: webhookSecret });
  return Object.keys(changes).length === 0 ? undefined : changes;
}

function definedFields(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function nullForNone<T>(option: OrNone<T> | undefined): T | null | undefined {
  return option === 'none' ? null : option;
}

function parseLimit(text: string): OrNone<number> {
  if (text === 'none') return text;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number, or none.');
  return Number(text);
}
