import type { Command } from 'commander';
import { reachableUrl } from '../main/data-folder.ts';
import { explainListenError } from './command-failure.ts';
import { type CommonOptions, configOf, hostAndPort, outputOf, withCommonOptions } from './command-options.ts';
import { openGate } from './open-gate.ts';
import { runUntilSignal } from './run-gate.ts';

const HELP = `
Every setting can also be given as an environment variable: http.port as POSTERN_HTTP_PORT. docs/configuration.md has all
of them. The log goes to standard error.

Examples:
  postern serve --config /etc/postern.yaml
  POSTERN_HTTP_HOST=0.0.0.0 postern serve --data /var/lib/postern`;

const ADVICE =
  'Stop that one, or set http.port (POSTERN_HTTP_PORT) or smtp.port (POSTERN_SMTP_PORT) to another.';

/** `postern serve`: the gate, in production. */
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
      const smtp = open.gate.smtp.map(hostAndPort);
      const places = [http, ...smtp.map(place => `${place} (SMTP)`)].join(', ');
      output.result({ http, smtp, pid: process.pid }, `Postern listens on ${places}.`);
      await runUntilSignal(open, () => output.note('Stopping.'));
    });
}
