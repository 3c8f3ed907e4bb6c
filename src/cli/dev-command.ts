import { type Command, Option } from 'commander';
import { type DevelopmentFlags, developmentConfig } from '../config/config.ts';
import { reachableUrl } from '../main/data-folder.ts';
import { explainListenError } from './command-failure.ts';
import { formatEndpoint, outputOf, parseEndpoint, parseNumber } from './command-options.ts';
import { developmentCredentials, tempMailCredentials } from './dev-credentials.ts';
import { createFeed } from './dev-feed.ts';
import { guideText } from './dev-guide.ts';
import { openGate } from './open-gate.ts';
import { runUntilSignal } from './run-gate.ts';

const HELP = `
Mail goes to the inbox (http://127.0.0.1:8000/inbox) instead of being delivered. The gate creates keys once for each
data folder and prints them at start. Port 0 selects a free port. With --json the first line is one JSON object:
{http, smtp, account: {authuser, authpass, key}, adminToken, tempMail: {domains, jwtSecret, adminPassword}}

--smarthost is smtp://[user:password@]HOST[:PORT] (STARTTLS required, except on loopback), smtps://… for implicit TLS,
or smtp://…?tls=none for clear text.

Examples:
  postern dev
  postern dev --json --http 127.0.0.1:0 --data /tmp/postern
  postern dev --smarthost smtp://127.0.0.1:2525`;

const ADVICE = 'Stop the other program or pass --http 127.0.0.1:8001 (port 0 selects a free port).';

/** The default of the setting `data`. */
const DATA_FOLDER = './data';

interface DevOptions extends DevelopmentFlags {
  readonly json?: boolean;
}

/** `postern dev`: runs a gate for development, without a configuration. It delivers no mail. */
export function addDevCommand(program: Command): void {
  program
    .command('dev')
    .description(
      'run a gate for development, with an inbox instead of real delivery, and with generated credentials',
    )
    .option('--http <host:port>', 'address of the HTTP APIs (default: 127.0.0.1:8000)', parseEndpoint)
    .option('--smtp <host:port>', 'address of SMTP submission (default: 127.0.0.1:8025)', parseEndpoint)
    .option('--data <dir>', 'data folder (default: ./data)')
    .option('--store <store>', 'database: sqlite:PATH (default: in the data folder) or postgres://…')
    .option('--smarthost <url>', 'deliver mail to this server instead of to the inbox')
    .option('--keep <messages>', 'number of messages in a final state to keep (default: 1000)', parseNumber)
    .addOption(
      new Option('--log <level>', 'log level of standard error (default: warn; with --json: info)').choices([
        'debug',
        'info',
        'warn',
        'error',
      ]),
    )
    .option('--json', 'print JSON, for programs')
    .addHelpText('after', HELP)
    .action(runDev);
}

async function runDev({ json: isJson = false, ...flags }: DevOptions): Promise<void> {
  const tempMail = tempMailCredentials(flags.data ?? DATA_FOLDER);
  const config = developmentConfig({ log: isJson ? 'info' : 'warn', ...flags, tempMail });
  const output = outputOf({ json: isJson });
  const feed = createFeed({ write: line => output.note(line), now: () => new Date() });
  // With --json only one line is written: a program may read no more, and a full pipe would block the gate.
  const open = await openGate(config, 'gate', isJson ? {} : { onCaptured: parcel => feed.add(parcel) }).catch(
    error => {
      throw explainListenError(error, ADVICE);
    },
  );
  const credentials = await developmentCredentials(open, tempMail).catch(async error => {
    await open.close();
    throw error;
  });
  const http = reachableUrl(open.gate.http ?? config.http);
  const smtp = formatEndpoint(open.gate.smtp[0] ?? config.smtp);
  const guide = { http, smtp, credentials, data: config.data, hasSmarthost: config.smarthost !== undefined };
  output.result({ http, smtp, ...credentials }, guideText(guide));
  await runUntilSignal(open, () => output.note('Stopping.'));
}
