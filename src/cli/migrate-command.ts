import { type Command, InvalidArgumentError } from 'commander';
import { CommandFailure } from './command-failure.ts';
import { type CommonOptions, configOf, onGate, outputOf, withCommonOptions } from './command-options.ts';
import { moveToPostgres } from './move-store.ts';

const HELP = `
A gate migrates its database itself when it starts. This does the same ahead of time, so that a database that cannot be
migrated is found out before the old gate was replaced.

With --from it moves an installation from SQLite into an empty PostgreSQL database: queue, history, events with their
numbers, figures, providers, accounts, keys, users, temp mail and the audit log, in one transaction: all of it or nothing.
Stop the gate first; it is refused while one runs. What was under way when the gate ended is treated as after any crash:
the first gate that starts on PostgreSQL records what may have been sent as unknown and sends the rest. Afterwards the
SQLite file stays as it was, but no gate starts on it any more. The data folder stays where it is: the secrets in the
database are sealed with the key in its secret.key.

Examples:
  postern migrate --config /etc/postern.yaml
  postern migrate --from sqlite:/var/lib/postern/postern.sqlite --to postgres://postern:…@db.example/postern
  postern migrate --from sqlite:/var/lib/postern/postern.sqlite --config /etc/postern.yaml   (to its store)`;

interface MigrateOptions extends CommonOptions {
  readonly from?: string;
  readonly to?: string;
}

/** `postern migrate`: brings the database to the form that this version wants, or moves it into another engine. */
export function addMigrateCommand(program: Command): void {
  withCommonOptions(program.command('migrate'))
    .description('bring the database to the form of this version, or move it to PostgreSQL')
    .option('--from <store>', 'move this store, sqlite:PATH, whose gate is stopped', parseSqlite)
    .option('--to <store>', 'into this one, postgres://… (default: the store of the configuration)')
    .addHelpText('after', HELP)
    .action(({ from, to, ...options }: MigrateOptions) => {
      if (from === undefined && to === undefined) return bringUpToDate(options);
      if (from === undefined) throw new CommandFailure('--to needs --from sqlite:PATH: what is to be moved.');
      return moveToPostgres({ from, to: to ?? configOf(options).store, output: outputOf(options) });
    });
}

function bringUpToDate(options: CommonOptions): Promise<void> {
  // Opening the store is what migrates it.
  return onGate(options, async (client, output) => {
    const sentence = client.isRunning
      ? 'A gate is running, and migrated the database when it started.'
      : 'The database has the form of this version.';
    output.result({ migrated: true }, sentence);
  });
}

function parseSqlite(text: string): string {
  const [, path] = /^sqlite:(.+)$/.exec(text) ?? [];
  if (path === undefined) throw new InvalidArgumentError('It must be sqlite:PATH.');
  return path;
}
