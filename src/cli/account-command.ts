import type { Command } from 'commander';
import { type AccountOptions, settingsOf, withAccountOptions } from './account-settings.ts';
import { CommandFailure } from './command-failure.ts';
import { type CommonOptions, onGate, withCommonOptions } from './command-options.ts';
import { type CliOutput, table } from './command-output.ts';
import type { GateClient } from './gate-client.ts';

const EXAMPLES = `
Examples:
  postern account add shop --allow @shop.example --max-per-hour 1000
  postern account list
  postern account change shop --webhook https://shop.example/mail-events
  postern account change shop --max-per-hour none --no-notices
  postern account change shop --disable`;

interface ShownAccount {
  readonly id: number;
  readonly name: string;
  readonly isEnabled: boolean;
  readonly allowedSenders: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly webhook: { readonly url: string } | null;
  readonly webhookSecret?: string;
}

interface ChangeOptions extends AccountOptions {
  readonly enable?: true;
  readonly disable?: true;
}

/** `postern account`: manages accounts. */
export function addAccountCommands(program: Command): void {
  const group = program
    .command('account')
    .description('manage accounts: their allowed senders, limits and webhooks')
    .addHelpText('after', EXAMPLES);
  addList(group);
  addAdd(group);
  addChange(group);
}

function addList(group: Command): void {
  withCommonOptions(group.command('list'))
    .description('list the accounts')
    .action((options: CommonOptions) =>
      onGate(options, async (client, output) => {
        const accounts = await listAccounts(client);
        output.result(accounts, listing(accounts));
      }),
    );
}

function addAdd(group: Command): void {
  withAccountOptions(withCommonOptions(group.command('add')))
    .description('add an account; create its keys with postern key create --account NAME')
    .argument('<name>', 'name of the account, and its user name in APIs that have one')
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: AccountOptions) =>
      onGate(options, async (client, output) => {
        const body = { name, allowedSenders: ['*'], ...settingsOf(options) };
        const added = await client.ask<ShownAccount>({ method: 'POST', path: '/v1/accounts', body });
        report(output, added, `Account ${added.id} (${name}) added.`);
      }),
    );
}

function addChange(group: Command): void {
  withAccountOptions(withCommonOptions(group.command('change')))
    .description('change an account immediately; other settings stay as they are')
    .argument('<name>', 'name of the account')
    .option('--enable', 'enable the account and its keys')
    .option('--disable', 'disable the account and its keys')
    .option('--webhook-secret', 'rotate the signing secret of the webhook; it is shown only once')
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: ChangeOptions) =>
      onGate(options, async (client, output) => {
        const { id } = await accountNamed(client, name);
        const body = { ...settingsOf(options), ...enabledSetting(options) };
        const changed = await client.ask<ShownAccount>({ method: 'PATCH', path: `/v1/accounts/${id}`, body });
        report(output, changed, `Account ${id} (${name}) changed.`);
      }),
    );
}

function enabledSetting({ enable, disable }: ChangeOptions): object {
  if (enable && disable)
    throw new CommandFailure('--enable and --disable contradict each other: use one of them.');
  return enable || disable ? { isEnabled: enable === true } : {};
}

async function listAccounts(client: GateClient): Promise<readonly ShownAccount[]> {
  const reply = await client.ask<{ accounts: readonly ShownAccount[] }>({
    method: 'GET',
    path: '/v1/accounts',
  });
  return reply.accounts;
}

async function accountNamed(client: GateClient, name: string): Promise<ShownAccount> {
  const accounts = await listAccounts(client);
  const found = accounts.find(account => account.name === name);
  if (found !== undefined) return found;
  const known = accounts.map(account => account.name).join(', ');
  throw new CommandFailure(`There is no account ${JSON.stringify(name)}. Existing accounts: ${known}.`);
}

function report(output: CliOutput, account: ShownAccount, sentence: string): void {
  const { webhookSecret } = account;
  if (webhookSecret !== undefined) {
    output.note(
      `${sentence}\nThe webhook requests are signed with this secret. Store it now: it is not shown again.\n`,
    );
  }
  output.result(account, webhookSecret ?? sentence);
}

function listing(accounts: readonly ShownAccount[]): string {
  const rows = accounts.map(account => [
    String(account.id),
    account.name,
    account.isEnabled ? 'yes' : 'no',
    account.allowedSenders.join(', ') || 'nobody',
    Object.entries(account.limits)
      .map(([name, max]) => `${name} ${max}`)
      .join(', '),
    account.webhook?.url ?? '',
  ]);
  return table(['ID', 'NAME', 'ENABLED', 'SENDS AS', 'LIMITS', 'WEBHOOK'], rows);
}
