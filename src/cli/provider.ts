import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { CheckReport } from '../delivery/transport.ts';
import type { ProviderSettings } from '../intake/http/operations.ts';
import { CommandFailure } from './failure.ts';
import { type CommonOptions, collect, onGate, parseNumber, withCommonOptions } from './options.ts';
import { table } from './output.ts';

const EXAMPLES = `
Examples:
  postern provider add --host smtp.example.com --username bob --password-file ./password
  postern provider add --host smtp.example.com --encryption ssl --priority 20 --caption "Second choice"
  postern provider add --kind pickup --directory /var/pickup
  postern provider list
  postern provider check 1
  postern provider remove 1`;

interface AddOptions extends CommonOptions {
  readonly kind?: 'smtp' | 'pickup';
  readonly caption?: string;
  readonly host?: string;
  readonly port?: number;
  readonly encryption?: 'tls' | 'ssl' | 'none';
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly directory?: string;
  readonly priority?: number;
  readonly maxConnections?: number;
  readonly maxRecipients?: number;
  readonly domain?: readonly string[];
  readonly sendFrom?: string;
  readonly sendFromName?: string;
  readonly disabled?: boolean;
}

interface ShownProvider {
  readonly id: number;
  readonly kind: string;
  readonly caption: string | null;
  readonly isEnabled: boolean;
  readonly priority: number;
  readonly senderDomains: readonly string[];
  readonly host?: string;
  readonly port?: number;
  readonly encryption?: string;
  readonly directory?: string;
}

/** `postern provider`: the ways out for mail. */
export function addProviderCommands(program: Command): void {
  const group = program
    .command('provider')
    .description('manage the ways out for mail: SMTP servers and pickup directories')
    .addHelpText('after', EXAMPLES);
  addAdd(group);
  addList(group);
  addRemove(group);
  addCheck(group);
}

function addAdd(group: Command): void {
  withCommonOptions(group.command('add'))
    .description('add a provider; it takes mail at once')
    .addOption(new Option('--kind <kind>', 'what it is').choices(['smtp', 'pickup']).default('smtp'))
    .option('--caption <text>', 'name for people')
    .option('--host <name>', 'host name or address of the SMTP server')
    .option('--port <number>', 'port (default: 587 for tls, 465 for ssl, 25 for none)', parseNumber)
    .addOption(
      new Option(
        '--encryption <mode>',
        'tls: STARTTLS required; ssl: TLS from the start (default: tls)',
      ).choices(['tls', 'ssl', 'none']),
    )
    .option('--username <name>', 'user name; without one there is no AUTH')
    .option(
      '--password-file <file>',
      'file that holds the password, - for standard input; also POSTERN_PASSWORD',
    )
    .option('--ca-file <file>', 'PEM of the only certification authority to trust')
    .option('--directory <path>', 'of a pickup provider: the directory')
    .option('--priority <number>', 'lower goes first (default: 10)', parseNumber)
    .option('--max-connections <number>', 'connections at once (default: 20)', parseNumber)
    .option('--max-recipients <number>', 'recipients in one transaction (default: 100)', parseNumber)
    .option('--domain <domain>', 'sender domain that it serves, repeatable (default: all)', collect)
    .option('--send-from <address>', 'sender where a message names none')
    .option('--send-from-name <text>', 'display name of that sender')
    .option('--disabled', 'add it without using it yet')
    .addHelpText('after', EXAMPLES)
    .action((options: AddOptions) =>
      onGate(options, async (client, output) => {
        const body = settingsOf(options);
        const added = await client.ask<ShownProvider>({ method: 'POST', path: '/v1/providers', body });
        output.result(added, `Provider ${added.id} added. Try it: postern provider check ${added.id}`);
      }),
    );
}

function addList(group: Command): void {
  withCommonOptions(group.command('list'))
    .description('list the providers, in the order of their ids')
    .action((options: CommonOptions) =>
      onGate(options, async (client, output) => {
        const answer = await client.ask<{ providers: readonly ShownProvider[] }>({
          method: 'GET',
          path: '/v1/providers',
        });
        output.result(answer.providers, listing(answer.providers));
      }),
    );
}

function addRemove(group: Command): void {
  withCommonOptions(group.command('remove'))
    .description('remove a provider; its mail takes another route, or waits for one')
    .argument('<id>', 'id of the provider', parseNumber)
    .action((id: number, options: CommonOptions) =>
      onGate(options, async (client, output) => {
        await client.ask({ method: 'DELETE', path: `/v1/providers/${id}` });
        output.result({ id, removed: true }, `Provider ${id} removed.`);
      }),
    );
}

function addCheck(group: Command): void {
  withCommonOptions(group.command('check'))
    .description(
      'connect to a provider and try everything short of sending; exit code 1 when something fails',
    )
    .argument('<id>', 'id of the provider', parseNumber)
    .action((id: number, options: CommonOptions) =>
      onGate(options, async (client, output) => {
        const report = await client.ask<CheckReport>({ method: 'POST', path: `/v1/providers/${id}/check` });
        output.result(report, reportText(report));
        if (!report.ok) process.exitCode = 1;
      }),
    );
}

function settingsOf(options: AddOptions): ProviderSettings {
  const {
    caFile,
    maxRecipients,
    domain,
    disabled,
    config: _c,
    data: _d,
    json: _j,
    passwordFile,
    ...same
  } = options;
  const password = readPassword(passwordFile);
  return {
    ...same,
    ...(password !== undefined && { password }),
    ...(caFile !== undefined && { caPem: readFile(caFile) }),
    ...(maxRecipients !== undefined && { maxRecipientsPerMessage: maxRecipients }),
    ...(domain !== undefined && { senderDomains: domain }),
    ...(disabled && { isEnabled: false }),
  };
}

/** Never an option of its own: other users of the machine see the arguments of every process. */
function readPassword(file: string | undefined): string | undefined {
  if (file === undefined) return process.env['POSTERN_PASSWORD'];
  return readFile(file === '-' ? 0 : file).replace(/\r?\n$/, '');
}

function readFile(path: string | number): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandFailure(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

function listing(providers: readonly ShownProvider[]): string {
  if (providers.length === 0)
    return 'There is no provider yet: mail waits. Add one with postern provider add.';
  const rows = providers.map(one => [
    String(one.id),
    one.isEnabled ? 'yes' : 'no',
    String(one.priority),
    one.kind,
    targetOf(one),
    one.senderDomains.join(', ') || 'all',
    one.caption ?? '',
  ]);
  return table(['ID', 'ENABLED', 'PRIORITY', 'KIND', 'TARGET', 'SENDERS', 'CAPTION'], rows);
}

function targetOf({ host, port, encryption, directory }: ShownProvider): string {
  return host === undefined ? (directory ?? '') : `${host}:${port} (${encryption})`;
}

function reportText({ ok, stages }: CheckReport): string {
  const rows = stages.map(stage => [
    stage.ok ? 'ok' : 'FAILED',
    stage.stage,
    `${Math.round(stage.ms)} ms`,
    stage.detail,
  ]);
  return `${table(['', 'STAGE', 'TOOK', 'FOUND'], rows)}\n${ok ? 'The provider works.' : 'The provider does not work.'}`;
}
