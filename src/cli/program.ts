import { Command } from 'commander';
import { VERSION } from '../process/version.ts';
import { addAccountCommands } from './account-command.ts';
import { addDevCommand } from './dev-command.ts';
import { addKeyCommands } from './key-command.ts';
import { addMigrateCommand } from './migrate-command.ts';
import { addPowermtaCommand } from './powermta-command.ts';
import { addProviderCommands } from './provider-command.ts';
import { addQueueCommands } from './queue-command.ts';
import { addSecretCommands } from './secret-command.ts';
import { addSendCommand } from './send-command.ts';
import { addServeCommand } from './serve-command.ts';
import { addUserCommands } from './user-command.ts';

const HELP = `
Start here:
  postern dev                       run a gate for development; no mail leaves this machine
  postern serve --config FILE       run the gate in production

All commands except dev, serve and powermta work on the gate of the configured data folder, whether it is running or not.
POSTERN_DEBUG=1 shows the stack of an error.`;

/** Creates the parser of the command line. It throws instead of ending the process. */
export function createProgram(): Command {
  const program = new Command('postern')
    .description('A self-hosted gateway for the email that software sends.')
    .version(VERSION)
    .addHelpText('after', HELP)
    .showSuggestionAfterError()
    .exitOverride();
  addDevCommand(program);
  addServeCommand(program);
  addPowermtaCommand(program);
  addSendCommand(program);
  addProviderCommands(program);
  addAccountCommands(program);
  addKeyCommands(program);
  addUserCommands(program);
  addSecretCommands(program);
  addQueueCommands(program);
  addMigrateCommand(program);
  return program;
}
