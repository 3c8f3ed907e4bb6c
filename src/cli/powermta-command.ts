import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config/config.ts';
import type { Config } from '../config/config-schema.ts';
import { reachableUrl } from '../main/data-folder.ts';
import { assertUsable } from '../pickup/check-directory.ts';
import { CommandFailure, explainListenError } from './command-failure.ts';
import { type CommonOptions, outputOf, parseEndpoint, withCommonOptions } from './command-options.ts';
import { clientOf } from './gate-client.ts';
import { type OpenGate, openGate } from './open-gate.ts';
import { runUntilSignal } from './run-gate.ts';

const HELP = `
This command is a replacement of pmtaemailapi, so -listen and -pickup work like --listen and --pickup. POST /messages
needs no key from loopback, or from the networks in http.trustedNetworks (POSTERN_HTTP_TRUSTED_NETWORKS). The other
commands use the API at /v1, which is also served. Mail is stored before the reply. It waits while the directory is missing.

Examples:
  postern powermta -listen 127.0.0.1:8000 -pickup /var/pickup
  postern powermta --listen :8000 --pickup /var/pickup --data /var/lib/postern`;

const ADVICE = 'Stop the other program or pass --listen 127.0.0.1:8001 (port 0 selects a free port).';
const CAPTION = 'Pickup directory of the command line';
const GO_FLAG = /^-(?=(?:listen|pickup)(?:=|$))/;

interface PowermtaOptions extends CommonOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly pickup: string;
}

/** `postern powermta`: the PowerMTA API in front of a pickup directory, as a replacement of pmtaemailapi. */
export function addPowermtaCommand(program: Command): void {
  withCommonOptions(program.command('powermta'))
    .description('run only the PowerMTA API, in front of a pickup directory')
    .option('--listen <host:port>', 'address of POST /messages', parseListen, parseEndpoint('127.0.0.1:8000'))
    .option('--pickup <dir>', 'directory that PowerMTA watches', '/var/pickup')
    .addHelpText('after', HELP)
    .action(runPowermta);
}

/** Adds the second dash to the flags of `powermta` that have one dash, as the flags of Go programs do. */
export function withGoFlags(args: readonly string[]): readonly string[] {
  const command = args.indexOf('powermta');
  return command === -1
    ? args
    : args.map((arg, index) => (index > command ? arg.replace(GO_FLAG, '--') : arg));
}

async function runPowermta(options: PowermtaOptions): Promise<void> {
  const directory = resolve(options.pickup);
  const config = configFor(options);
  await assertUsable(directory);
  const output = outputOf(options);
  const open = await openGate(config, 'gate').catch(error => {
    throw explainListenError(error, ADVICE);
  });
  try {
    await setProvider(open, directory);
  } catch (error) {
    await open.close();
    throw error;
  }
  const http = reachableUrl(open.gate.http ?? config.http);
  output.result(
    { http, pickup: directory, pid: process.pid },
    `POST ${http}/messages writes to ${directory}.`,
  );
  await runUntilSignal(open, () => output.note('Stopping.'));
}

/** The configuration, changed so that the gate serves this API and delivers only to the directory. */
function configFor({ config: path, data, listen }: PowermtaOptions): Config {
  const file = path ?? process.env['POSTERN_CONFIG'];
  const config = loadConfig({
    environment: process.env,
    settings: {
      data,
      development: false,
      'http.host': listen.host,
      'http.port': listen.port,
      'http.apis': ['powermta', 'v1'],
      'smtp.isEnabled': false,
    },
    ...(file !== undefined && { file }),
  });
  if (config.smarthost === undefined) return config;
  throw new CommandFailure(
    'A smarthost is configured, but this command sends all mail to the pickup directory. Remove the setting smarthost.',
  );
}

interface KnownProvider {
  readonly id: number;
  readonly kind: string;
  readonly caption: string | null;
  readonly directory?: string;
}

/** Adds or changes the provider of the directory. Mail that was accepted earlier has waited for it. */
async function setProvider({ gate, folder }: OpenGate, directory: string): Promise<void> {
  const client = clientOf(gate, folder.operatorToken);
  const { providers } = await client.ask<{ providers: readonly KnownProvider[] }>({
    method: 'GET',
    path: '/v1/providers',
  });
  const existing = providers.find(({ kind, caption }) => kind === 'pickup' && caption === CAPTION);
  const settings = { directory, isEnabled: true, priority: 0 };
  await client.ask(
    existing === undefined
      ? { method: 'POST', path: '/v1/providers', body: { kind: 'pickup', caption: CAPTION, ...settings } }
      : { method: 'PATCH', path: `/v1/providers/${existing.id}`, body: settings },
  );
}

/** As in Go programs, `:8000` means that port on all addresses. */
function parseListen(text: string): { host: string; port: number } {
  const port = /^:(\d+)$/.exec(text)?.[1];
  if (port === undefined) return parseEndpoint(text);
  if (Number(port) > 65_535) throw new InvalidArgumentError('It must be HOST:PORT, such as 127.0.0.1:8000.');
  return { host: '0.0.0.0', port: Number(port) };
}
