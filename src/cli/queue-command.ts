import { type Command, Option } from 'commander';
import { type CommonOptions, onGate, parseNumber, withCommonOptions } from './command-options.ts';
import { historyText, listing, recipientsText, type ShownHistory, type ShownMessage } from './queue-text.ts';

const EXAMPLES = `
Examples:
  postern queue list --state deferred
  postern queue list --recipient @example.com --limit 100
  postern queue show 01hq3v7k2m9p4
  postern queue show 01hq3v7k2m9p4 --raw > message.eml
  postern queue retry 01hq3v7k2m9p4
  postern queue cancel 01hq3v7k2m9p4`;

const STATES = ['queued', 'deferred', 'delivered', 'bounced', 'failed', 'expired', 'cancelled', 'unknown'];

interface ListOptions extends CommonOptions {
  readonly state?: string;
  readonly recipient?: string;
  readonly sender?: string;
  readonly tag?: string;
  readonly provider?: number;
  readonly words?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** `postern queue`: shows message status, and retries or cancels messages. */
export function addQueueCommands(program: Command): void {
  const group = program
    .command('queue')
    .description('show, retry and cancel messages')
    .addHelpText('after', EXAMPLES);
  addList(group);
  addShow(group);
  addChange(group, 'retry', 'retry a message now, also if it has bounced, failed or expired');
  addChange(group, 'cancel', 'cancel the recipients that have no final state yet');
}

function addList(group: Command): void {
  withCommonOptions(group.command('list'))
    .description('find messages, newest first')
    .addOption(new Option('--state <state>', 'at least one recipient is in this state').choices(STATES))
    .option('--recipient <address>', 'an address or @domain')
    .option('--sender <address>', 'an address or @domain')
    .option('--tag <tag>', 'a tag of the message')
    .option('--provider <id>', 'was tried at this provider, or waits for it', parseNumber)
    .option('--words <text>', 'words that the subject contains')
    .addOption(new Option('--limit <number>', 'number of messages').argParser(parseNumber).default(20))
    .option('--cursor <cursor>', 'start after the previous page')
    .addHelpText('after', EXAMPLES)
    .action((options: ListOptions) =>
      onGate(options, async (client, output) => {
        const page = await client.ask<{ messages: readonly ShownMessage[]; next: string | null }>({
          method: 'GET',
          path: `/v1/messages?${queryOf(options)}`,
        });
        output.result(page, page.messages.length === 0 ? 'No messages.' : listing(page.messages));
        if (page.next !== null) output.note(`For more messages add --cursor ${page.next}`);
      }),
    );
}

function addShow(group: Command): void {
  withCommonOptions(group.command('show'))
    .description('show a message with its history')
    .argument('<id>', 'id of the message')
    .option('--raw', 'print the MIME source of the message')
    .action((id: string, options: CommonOptions & { readonly raw?: boolean }) =>
      onGate(options, async (client, output) => {
        const path = `/v1/messages/${encodeURIComponent(id)}`;
        if (options.raw) {
          process.stdout.write(await client.fetch({ method: 'GET', path: `${path}/raw` }));
          return;
        }
        const history = await client.ask<ShownHistory>({ method: 'GET', path });
        output.result(history, historyText(history));
      }),
    );
}

function addChange(group: Command, verb: 'retry' | 'cancel', description: string): void {
  withCommonOptions(group.command(verb))
    .description(description)
    .argument('<id>', 'id of the message')
    .action((id: string, options: CommonOptions) =>
      onGate(options, async (client, output) => {
        const path = `/v1/messages/${encodeURIComponent(id)}/${verb}`;
        const message = await client.ask<ShownMessage>({ method: 'POST', path });
        output.result(message, recipientsText(message));
      }),
    );
}

function queryOf({
  state,
  recipient,
  sender,
  tag,
  provider,
  words,
  limit,
  cursor,
}: ListOptions): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({
    state,
    recipient,
    sender,
    tag,
    provider,
    words,
    limit,
    cursor,
  })) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query;
}
