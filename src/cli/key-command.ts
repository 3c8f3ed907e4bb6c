import { type Command, Option } from 'commander';
import type { KeyScope } from '../core/account.ts';
import { type CommonOptions, collect, onGate, parseNumber, withCommonOptions } from './command-options.ts';
import { table } from './command-output.ts';

const EXAMPLES = `
Examples:
  postern key create --name shop
  postern key create --name dashboard --scope read --scope manage
  postern key create --name shop --new-account shop --allow @shop.example
  postern key list
  postern key revoke 3`;

interface ShownKey {
  readonly id: number;
  readonly account: number;
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

interface CreateOptions extends CommonOptions {
  readonly name: string;
  readonly account?: string;
  readonly newAccount?: string;
  readonly allow?: readonly string[];
  readonly scope?: readonly KeyScope[];
}

/** `postern key`: manages the keys of accounts. */
export function addKeyCommands(program: Command): void {
  const group = program
    .command('key')
    .description('manage keys: the credentials to send mail, read its status or manage the gate')
    .addHelpText('after', EXAMPLES);
  addCreate(group);
  addList(group);
  addRevoke(group);
}

function addCreate(group: Command): void {
  withCommonOptions(group.command('create'))
    .description('create a key; it is shown only once')
    .requiredOption('--name <text>', 'name of the key, such as its purpose')
    .addOption(new Option('--account <name>', 'account of the key').default('default'))
    .option('--new-account <name>', 'create this account, and a key for it')
    .option(
      '--allow <sender>',
      'allowed sender of the new account: an address, @domain or *, repeatable (default: *)',
      collect,
    )
    .option('--scope <scope>', 'send, read or manage, repeatable (default: send and read)', collect)
    .addHelpText('after', EXAMPLES)
    .action((options: CreateOptions) =>
      onGate(options, async (client, output) => {
        const body = { name: options.name, scopes: options.scope ?? ['send', 'read'], ...accountOf(options) };
        const created = await client.ask<ShownKey & { secret: string }>({
          method: 'POST',
          path: '/v1/keys',
          body,
        });
        output.note(
          `Key ${created.id} (${created.scopes.join(', ')}). Store it now: it is not shown again.\n`,
        );
        output.result(created, created.secret);
      }),
    );
}

function addList(group: Command): void {
  withCommonOptions(group.command('list'))
    .description('list the keys, without the secrets')
    .action((options: CommonOptions) =>
      onGate(options, async (client, output) => {
        const { keys } = await client.ask<{ keys: readonly ShownKey[] }>({ method: 'GET', path: '/v1/keys' });
        output.result(keys, keys.length === 0 ? 'There are no keys yet.' : listing(keys));
      }),
    );
}

function addRevoke(group: Command): void {
  withCommonOptions(group.command('revoke'))
    .description('revoke a key immediately')
    .argument('<id>', 'id of the key: the number in pk_<id>_…', parseNumber)
    .action((id: number, options: CommonOptions) =>
      onGate(options, async (client, output) => {
        await client.ask({ method: 'DELETE', path: `/v1/keys/${id}` });
        output.result({ id, revoked: true }, `Key ${id} revoked.`);
      }),
    );
}

function accountOf({ account, newAccount, allow }: CreateOptions): object {
  if (newAccount === undefined) return { account };
  return { account: newAccount, newAccount: { allowedSenders: allow ?? ['*'] } };
}

function listing(keys: readonly ShownKey[]): string {
  const rows = keys.map(key => [
    String(key.id),
    String(key.account),
    key.name,
    key.scopes.join(', '),
    key.createdAt,
    key.revokedAt ?? '',
  ]);
  return table(['ID', 'ACCOUNT', 'NAME', 'SCOPES', 'CREATED', 'REVOKED'], rows);
}
