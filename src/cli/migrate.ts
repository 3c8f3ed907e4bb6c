import type { Command } from 'commander';
import { type CommonOptions, onGate, withCommonOptions } from './options.ts';

const HELP = `
A gate migrates its database itself when it starts. This does the same ahead of time, so that a database that cannot be
migrated is found out before the old gate was replaced.

Example:
  postern migrate --config /etc/postern.yaml`;

/** `postern migrate`: brings the database to the form that this version wants. */
export function addMigrateCommand(program: Command): void {
  withCommonOptions(program.command('migrate'))
    .description('bring the database to the form of this version')
    .addHelpText('after', HELP)
    .action((options: CommonOptions) =>
      // Opening the store is what migrates it.
      onGate(options, async (client, output) => {
        const sentence = client.isRunning
          ? 'A gate is running, and migrated the database when it started.'
          : 'The database has the form of this version.';
        output.result({ migrated: true }, sentence);
      }),
    );
}
