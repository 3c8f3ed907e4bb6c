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

/** `postern account`: those who send. */
export function addAccountCommands(program: Command): void {
  const group = program
    .command('account')
    .description('manage accounts: what each may send as, how much, and where its events are posted')
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
    .description('add an account; postern key create --account NAME makes its keys')
    .argument('<name>', 'its name, which is the user name where an API has one')
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
    .description('change an account, at once; what is not named stays as it is')
    .argument('<name>', 'name of the account')
    .option('--enable', 'let its keys work')
    .option('--disable', 'its keys work no more')
    .option('--webhook-secret', 'make a new secret for the webhook; it is shown this once')
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: ChangeOptions) =>
      onGate(options, async (client, output) => {
        const { id } = await accountNamed(client, name);
        const body = { ...settingsOf(options), ...switched(options) };
        const changed = await client.ask<ShownAccount>({ method: 'PATCH', path: `/v1/accounts/${id}`, body });
        report(output, changed, `Account ${id} (${name}) changed.`);
      }),
    );
}

function switched({ enable, disable }: ChangeOptions): object {
  if (enable && disable)
    throw new CommandFailure('--enable and --disable say the opposite: give one of them.');
  return enable || disable ? { isEnabled: enable === true } : {};
}

async function listAccounts(client: GateClient): Promise<readonly ShownAccount[]> {
  const answer = await client.ask<{ accounts: readonly ShownAccount[] }>({
    method: 'GET',
    path: '/v1/accounts',
  });
  return answer.accounts;
}

async function accountNamed(client: GateClient, name: string): Promise<ShownAccount> {
  const accounts = await listAccounts(client);
  const found = accounts.find(account => account.name === name);
  if (found !== undefined) return found;
  const known = accounts.map(account => account.name).join(', ');
  throw new CommandFailure(`There is no account ${JSON.stringify(name)}, only ${known}.`);
}

function report(output: CliOutput, account: ShownAccount, sentence: string): void {
  const { webhookSecret } = account;
  if (webhookSecret !== undefined) {
    output.note(`${sentence}\nIts events are signed with this secret. Keep it now: it is not shown again.\n`);
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
