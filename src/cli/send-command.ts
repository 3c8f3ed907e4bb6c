import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { CommandFailure } from './command-failure.ts';
import { type CommonOptions, collect, onGate, withCommonOptions } from './command-options.ts';
import type { CliOutput } from './command-output.ts';
import type { ApiRequest, GateClient } from './gate-client.ts';
import { envelopeOf } from './raw-envelope.ts';

const EXAMPLES = `
Examples:
  postern send --from shop@example.com --to bob@example.org --subject Hello --text "How are you?"
  postern send --to bob@example.org --subject Report --attach report.pdf < report.txt
  postern send --raw message.eml
  sendmail-like-program | postern send --raw - --from bounces@example.com --to bob@example.org

Without --text, --html and --raw the text is read from standard input. With --raw the recipients are in the header of the
message (To, Cc, Bcc), unless --to, --cc or --bcc are given.`;

interface SendOptions extends CommonOptions {
  readonly from?: string;
  readonly to?: readonly string[];
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly replyTo?: string;
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  readonly attach?: readonly string[];
  readonly raw?: string;
  readonly tag?: readonly string[];
  readonly priority?: string;
  readonly at?: string;
  readonly idempotencyKey?: string;
}

interface ShownAcceptance {
  readonly id: string;
  readonly messageId: string;
}

const STANDARD_INPUT = 0;

/** `postern send`: submits one message. */
export function addSendCommand(program: Command): void {
  withCommonOptions(program.command('send'))
    .description('send a message')
    .option(
      '--from <mailbox>',
      'sender: an address or "Name <address>" (default: the default sender of the first provider)',
    )
    .option('--to <mailboxes>', 'recipients, repeatable', collect)
    .option('--cc <mailboxes>', 'more recipients, repeatable', collect)
    .option('--bcc <mailboxes>', 'hidden recipients, repeatable', collect)
    .option('--reply-to <mailbox>', 'address for replies')
    .option('--subject <text>', 'subject')
    .option('--text <text>', 'text, - for standard input')
    .option('--html <html>', 'HTML, - for standard input')
    .option('--attach <file>', 'file to attach, repeatable', collect)
    .option('--raw <file>', 'send this RFC 5322 message unchanged, - for standard input')
    .option('--tag <tag>', 'label to find the message by, repeatable', collect)
    .addOption(
      new Option('--priority <priority>', 'messages with a higher priority go first').choices([
        'high',
        'normal',
        'bulk',
      ]),
    )
    .option('--at <time>', 'send not before this time, such as 2030-01-31T09:00:00Z')
    .option('--idempotency-key <key>', 'a second message with the same key is not sent')
    .addHelpText('after', EXAMPLES)
    .action((options: SendOptions) =>
      onGate(options, async (client, output) => {
        const request =
          options.raw === undefined ? composedRequest(options) : await rawRequest(options, options.raw);
        report(client, output, await client.ask<ShownAcceptance>(request));
      }),
    );
}

function report(client: GateClient, output: CliOutput, accepted: ShownAcceptance): void {
  const next = client.isRunning
    ? 'The gate is delivering it.'
    : 'No gate is running. The message is sent when a gate runs: postern serve';
  output.result(accepted, `Accepted as ${accepted.id}. ${next}\nStatus: postern queue show ${accepted.id}`);
}

function composedRequest(options: SendOptions): ApiRequest {
  const { from, to, cc, bcc, replyTo, subject, html, tag, priority, at, idempotencyKey } = options;
  const text = options.text ?? (html === undefined ? '-' : undefined);
  const body = {
    from,
    to: to?.join(', '),
    cc: cc?.join(', '),
    bcc: bcc?.join(', '),
    replyTo,
    subject,
    text: text === '-' ? readInput().toString() : text,
    html: html === '-' ? readInput().toString() : html,
    attachments: options.attach?.map(attachment),
    tags: tag,
    priority,
    sendAt: at,
    idempotencyKey,
  };
  return { method: 'POST', path: '/v1/messages', body };
}

async function rawRequest(options: SendOptions, file: string): Promise<ApiRequest> {
  const mime = file === '-' ? readInput() : readFile(file);
  refuseWithRaw(options);
  const fromOptions = [options.to, options.cc, options.bcc].flatMap(list => list ?? []);
  const { sender, recipients } = await envelopeOf(mime, options.from, fromOptions);
  const query = new URLSearchParams([
    ['sender', sender],
    ...recipients.map(address => ['recipient', address]),
  ] as [string, string][]);
  return { method: 'POST', path: `/v1/messages/raw?${query}`, body: mime };
}

/** Refuses options that cannot change a raw message. */
function refuseWithRaw(options: SendOptions): void {
  const names = [
    'replyTo',
    'subject',
    'text',
    'html',
    'attach',
    'tag',
    'priority',
    'at',
    'idempotencyKey',
  ] as const;
  const unusable = names.find(name => options[name] !== undefined);
  if (unusable === undefined) return;
  const flag = unusable.replaceAll(/[A-Z]/g, capital => `-${capital.toLowerCase()}`);
  throw new CommandFailure(`--${flag} cannot be used with --raw, which sends the message unchanged.`);
}

function attachment(path: string): { filename: string; content: string } {
  return { filename: basename(path), content: readFile(path).toString('base64') };
}

function readInput(): Buffer {
  return readFile(STANDARD_INPUT);
}

function readFile(path: string | number): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const name = path === STANDARD_INPUT ? 'standard input' : path;
    throw new CommandFailure(`Cannot read ${name}: ${error instanceof Error ? error.message : error}`);
  }
}
