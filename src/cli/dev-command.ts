import { type Command, Option } from 'commander';
import { type DevelopmentFlags, developmentConfig } from '../config/config.ts';
import { reachableUrl } from '../main/data-folder.ts';
import { explainListenError } from './command-failure.ts';
import { hostAndPort, outputOf, parseEndpoint, parseNumber } from './command-options.ts';
import { developmentCredentials, tempMailCredentials } from './dev-credentials.ts';
import { createFeed } from './dev-feed.ts';
import { guideText } from './dev-guide.ts';
import { openGate } from './open-gate.ts';
import { runUntilSignal } from './run-gate.ts';

const HELP = `
Mail is kept in the inbox (http://127.0.0.1:8000/inbox) instead of being delivered. Keys are made once for each data
folder and printed at start. Port 0 takes a free port. With --json the first line is one JSON object:
{http, smtp, account: {authuser, authpass, key}, adminToken, tempMail: {domains, jwtSecret, adminPassword}}

--smarthost is smtp://[user:password@]HOST[:PORT] (STARTTLS required, in clear text on loopback), smtps://… for TLS from
the start, or smtp://…?tls=none for clear text anywhere.

Examples:
  postern dev
  postern dev --json --http 127.0.0.1:0 --data /tmp/postern
  postern dev --smarthost smtp://127.0.0.1:2525`;

const ADVICE = 'Stop that one, or choose another port: --http 127.0.0.1:8001 (port 0 takes a free one).';

/** As the configuration has it. */
const DATA_FOLDER = './data';

interface DevOptions extends DevelopmentFlags {
  readonly json?: boolean;
}

/** `postern dev`: a gate to try things with, that needs nothing and lets nothing out. */
export function addDevCommand(program: Command): void {
  program
    .command('dev')
    .description('run a gate for development: an inbox instead of the Internet, throw-away credentials')
    .option('--http <host:port>', 'where the HTTP APIs listen (default: 127.0.0.1:8000)', parseEndpoint)
    .option('--smtp <host:port>', 'where SMTP submission listens (default: 127.0.0.1:8025)', parseEndpoint)
    .option('--data <dir>', 'data folder (default: ./data)')
    .option(
      '--store <store>',
      'where mail is kept: sqlite:PATH (default: in the data folder) or postgres://…',
    )
    .option('--smarthost <url>', 'deliver there instead of into the inbox')
    .option('--keep <messages>', 'how many ended messages to keep, the newest (default: 1000)', parseNumber)
    .addOption(
      new Option('--log <level>', 'what goes to standard error (default: warn, with --json info)').choices([
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
  // Who reads the first line only must not hold up the gate with a full pipe: for programs nothing more is written.
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
  const smtp = hostAndPort(open.gate.smtp[0] ?? config.smtp);
  const guide = { http, smtp, credentials, data: config.data, hasSmarthost: config.smarthost !== undefined };
  output.result({ http, smtp, ...credentials }, guideText(guide));
  await runUntilSignal(open, () => output.note('Stopping.'));
}
