import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { PASSWORD_ALPHABET, randomText } from '../auth/random-text.ts';
import type { Role } from '../core/user.ts';
import { CommandFailure } from './command-failure.ts';
import { type CommonOptions, onGate, withCommonOptions } from './command-options.ts';
import { table } from './command-output.ts';
import type { GateClient } from './gate-client.ts';
import { PASSWORD_FILE, readPassword } from './password.ts';

const EXAMPLES = `
Examples:
  postern user add ada
  postern user add bob --role operator --password-file bob.txt
  postern user list
  postern user remove bob`;

/** 20 characters from 56 are 116 bits. */
const PASSWORD_LENGTH = 20;

interface ShownUser {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly isEnabled: boolean;
  readonly createdAt: string;
}

interface AddOptions extends CommonOptions {
  readonly role: Role;
  readonly passwordFile?: string;
}

/** `postern user`: manages the users of the dashboard. */
export function addUserCommands(program: Command): void {
  const group = program
    .command('user')
    .description('manage the users who sign in to the dashboard')
    .addHelpText('after', EXAMPLES);
  addAdd(group);
  addList(group);
  addRemove(group);
}

function addAdd(group: Command): void {
  withCommonOptions(group.command('add'))
    .description('add a user; without a password it is generated, and shown only once')
    .argument('<name>', 'name to sign in with')
    .addOption(
      new Option('--role <role>', 'admin: all rights; operator: manage mail and providers; viewer: view')
        .choices(['admin', 'operator', 'viewer'])
        .default('admin'),
    )
    .option('--password-file <file>', PASSWORD_FILE)
    .addHelpText('after', EXAMPLES)
    .action((name: string, options: AddOptions) =>
      onGate(options, async (client, output) => {
        const chosen = readPassword(options.passwordFile);
        const password = chosen ?? randomText(randomBytes, PASSWORD_ALPHABET, PASSWORD_LENGTH);
        const body = { name, role: options.role, password };
        const user = await client.ask<ShownUser>({ method: 'POST', path: '/v1/users', body });
        const sentence = `User ${user.id} (${name}, ${user.role}) added.`;
        if (chosen !== undefined) return output.result(user, sentence);
        output.note(`${sentence} Store the password now: it is not shown again.\n`);
        output.result({ ...user, password }, password);
      }),
    );
}

function addList(group: Command): void {
  withCommonOptions(group.command('list'))
    .description('list the users')
    .action((options: CommonOptions) =>
      onGate(options, async (client, output) => {
        const users = await listUsers(client);
        const rows = users.map(({ id, name, role, isEnabled, createdAt }) => [
          ...[String(id), name, role, isEnabled ? 'yes' : 'no', createdAt],
        ]);
        const text = table(['ID', 'NAME', 'ROLE', 'ENABLED', 'CREATED'], rows);
        output.result(users, users.length === 0 ? 'There are no users yet.' : text);
      }),
    );
}

function addRemove(group: Command): void {
  withCommonOptions(group.command('remove'))
    .description('remove a user and sign the user out immediately')
    .argument('<name>', 'name of the user')
    .action((name: string, options: CommonOptions) =>
      onGate(options, async (client, output) => {
        const user = (await listUsers(client)).find(candidate => candidate.name === name);
        if (user === undefined) throw new CommandFailure(`There is no user ${JSON.stringify(name)}.`);
        await client.ask({ method: 'DELETE', path: `/v1/users/${user.id}` });
        output.result({ id: user.id, removed: true }, `User ${user.id} (${name}) removed.`);
      }),
    );
}

async function listUsers(client: GateClient): Promise<readonly ShownUser[]> {
  const { users } = await client.ask<{ users: readonly ShownUser[] }>({ method: 'GET', path: '/v1/users' });
  return users;
}
