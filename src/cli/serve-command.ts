import type { Command } from 'commander';
import { reachableUrl } from '../main/data-folder.ts';
import { explainListenError } from './command-failure.ts';
import {
  type CommonOptions,
  configOf,
  formatEndpoint,
  outputOf,
  withCommonOptions,
} from './command-options.ts';
import { openGate } from './open-gate.ts';
import { runUntilSignal } from './run-gate.ts';

const HELP = `
Each setting also has an environment variable, such as POSTERN_HTTP_PORT for http.port. docs/configuration.md lists all
settings. The log goes to standard error.

Examples:
  postern serve --config /etc/postern.yaml
  POSTERN_HTTP_HOST=0.0.0.0 postern serve --data /var/lib/postern`;

const ADVICE =
  'Stop the other program, or set http.port (POSTERN_HTTP_PORT) or smtp.port (POSTERN_SMTP_PORT) to another port.';

/** `postern serve`: runs the gate in production. */
export function addServeCommand(program: Command): void {
  withCommonOptions(program.command('serve'))
    .description('run the gate')
    .addHelpText('after', HELP)
    .action(async (options: CommonOptions) => {
      const config = configOf(options);
      const output = outputOf(options);
      const open = await openGate(config, 'gate').catch(error => {
        throw explainListenError(error, ADVICE);
      });
      const http = open.gate.http === undefined ? undefined : reachableUrl(open.gate.http);
      const smtp = open.gate.smtp.map(formatEndpoint);
      const addresses = [http, ...smtp.map(address => `${address} (SMTP)`)].join(', ');
      output.result({ http, smtp, pid: process.pid }, `Postern listens on ${addresses}.`);
      await runUntilSignal(open, () => output.note('Stopping.'));
    });
}
