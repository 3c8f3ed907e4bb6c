import { type Command, InvalidArgumentError } from 'commander';
import { CommandFailure } from './command-failure.ts';
import { type CommonOptions, configOf, onGate, outputOf, withCommonOptions } from './command-options.ts';
import { moveToPostgres } from './move-store.ts';

const HELP = `
A gate migrates its database when it starts. This command does the same in advance. So you find a database that cannot be
migrated before you replace the old gate.

With --from it moves an installation from SQLite to an empty PostgreSQL database: queue, history, events with their
numbers, statistics, providers, accounts, keys, users, temp mail and the audit log. It moves everything in one
transaction, or nothing. Stop the gate first: the command refuses to run while a gate runs. Messages that were being sent
when the gate ended are treated as after a crash. The first gate that starts on PostgreSQL records those that may have
been sent as unknown, and sends the others. The SQLite file stays unchanged, but no gate starts on it. Keep the data
folder: the secrets in the database are sealed with the key in its secret.key.

Examples:
  postern migrate --config /etc/postern.yaml
  postern migrate --from sqlite:/var/lib/postern/postern.sqlite --to postgres://postern:…@db.example/postern
  postern migrate --from sqlite:/var/lib/postern/postern.sqlite --config /etc/postern.yaml   (to its store)`;

interface MigrateOptions extends CommonOptions {
  readonly from?: string;
  readonly to?: string;
}

/** `postern migrate`: updates the schema of the database, or moves it to another engine. */
export function addMigrateCommand(program: Command): void {
  withCommonOptions(program.command('migrate'))
    .description('update the schema of the database, or move the database to PostgreSQL')
    .option('--from <store>', 'move this store, sqlite:PATH; its gate must be stopped', parseSqlite)
    .option('--to <store>', 'move to this store, postgres://… (default: the store of the configuration)')
    .addHelpText('after', HELP)
    .action(({ from, to, ...options }: MigrateOptions) => {
      if (from === undefined && to === undefined) return updateSchema(options);
      if (from === undefined) throw new CommandFailure('--to needs --from sqlite:PATH, the store to move.');
      return moveToPostgres({ from, to: to ?? configOf(options).store, output: outputOf(options) });
    });
}

function updateSchema(options: CommonOptions): Promise<void> {
  // Opening the store migrates it.
  return onGate(options, async (client, output) => {
    const sentence = client.isRunning
      ? 'A gate is running. It migrated the database when it started.'
      : 'The database has the schema of this version.';
    output.result({ migrated: true }, sentence);
  });
}

function parseSqlite(text: string): string {
  const [, path] = /^sqlite:(.+)$/.exec(text) ?? [];
  if (path === undefined) throw new InvalidArgumentError('It must be sqlite:PATH.');
  return path;
}
