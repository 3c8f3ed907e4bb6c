import { type Command, InvalidArgumentError } from 'commander';
import { type CommonOptions, collect } from './command-options.ts';

/** A value, or that there shall be none. Not null: commander takes that for a value that is missing. */
type OrNone<T> = T | 'none';

/** The options that say how an account shall be. */
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

/** Adds them to a command; the value `none` takes a limit or the webhook away. */
export function withAccountOptions(command: Command): Command {
  return command
    .option('--allow <sender>', 'address, @domain or * that it may send as, repeatable', collect)
    .option('--max-per-minute <n>', 'recipients in any minute, or none', parseLimit)
    .option('--max-per-hour <n>', 'recipients in any hour, or none', parseLimit)
    .option('--max-per-day <n>', 'recipients in any 24 hours, or none', parseLimit)
    .option('--max-recipients <n>', 'recipients of one message, or none', parseLimit)
    .option('--notices', 'tell senders of mail that came by SMTP or pickup of failures (the default)')
    .option('--no-notices', 'do not tell them')
    .option('--webhook <url>', 'where its events are posted, or none')
    .option('--webhook-event <type>', 'post only these, repeatable (default: all)', collect);
}

/** The settings, as the management API takes them: what was not given is not there. */
export function settingsOf(options: AccountOptions): object {
  const limits = given({
    maxPerMinute: nullForNone(options.maxPerMinute),
    maxPerHour: nullForNone(options.maxPerHour),
    maxPerDay: nullForNone(options.maxPerDay),
    maxRecipientsPerMessage: nullForNone(options.maxRecipients),
  });
  return given({
    allowedSenders: options.allow,
    limits: Object.keys(limits).length === 0 ? undefined : limits,
    sendsNotices: options.notices,
    webhook: webhookOf(options),
  });
}

function webhookOf({ webhook, webhookEvent, webhookSecret }: AccountOptions): object | null | undefined {
  if (webhook === 'none') return null;
  const changes = given({ url: webhook, events: webhookEvent, rotateSecret: webhookSecret });
  return Object.keys(changes).length === 0 ? undefined : changes;
}

function given(fields: Readonly<Record<string, unknown>>): object {
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
