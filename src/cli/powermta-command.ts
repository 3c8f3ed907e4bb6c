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
-listen and -pickup work as well as --listen and --pickup, so that this can stand where pmtaemailapi stood. POST /messages
needs no key from loopback; http.trustedNetworks (POSTERN_HTTP_TRUSTED_NETWORKS) lets in others. Beside it there is the
management API only, for the other commands. Mail is on disk before it is answered, and waits while the directory is gone.

Examples:
  postern powermta -listen 127.0.0.1:8000 -pickup /var/pickup
  postern powermta --listen :8000 --pickup /var/pickup --data /var/lib/postern`;

const ADVICE = 'Stop that one, or choose another port: --listen 127.0.0.1:8001 (port 0 takes a free one).';
const CAPTION = 'Pickup directory of the command line';
const GO_FLAG = /^-(?=(?:listen|pickup)(?:=|$))/;

interface PowermtaOptions extends CommonOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly pickup: string;
}

/** `postern powermta`: the PowerMTA API in front of a pickup directory, in place of pmtaemailapi. */
export function addPowermtaCommand(program: Command): void {
  withCommonOptions(program.command('powermta'))
    .description('run the PowerMTA API alone, in front of a pickup directory')
    .option(
      '--listen <host:port>',
      'where POST /messages is answered',
      parseListen,
      parseEndpoint('127.0.0.1:8000'),
    )
    .option('--pickup <dir>', 'directory that PowerMTA watches', '/var/pickup')
    .addHelpText('after', HELP)
    .action(runPowermta);
}

/** The arguments with the flags of `powermta` that have one dash, as Go's programs take them, given the second. */
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
    await leadTo(open, directory);
  } catch (error) {
    await open.close();
    throw error;
  }
  const http = reachableUrl(open.gate.http ?? config.http);
  output.result({ http, pickup: directory, pid: process.pid }, `POST ${http}/messages goes to ${directory}.`);
  await runUntilSignal(open, () => output.note('Stopping.'));
}

/** What the configuration says, but for what makes this the one API with the one way out. */
function configFor({ config: given, data, listen }: PowermtaOptions): Config {
  const file = given ?? process.env['POSTERN_CONFIG'];
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
  throw new CommandFailure('A smarthost is configured, but here all mail goes to the pickup directory.');
}

interface KnownProvider {
  readonly id: number;
  readonly kind: string;
  readonly caption: string | null;
  readonly directory?: string;
}

/** Makes the directory the first way out. Mail that came a moment earlier has waited for it. */
async function leadTo({ gate, folder }: OpenGate, directory: string): Promise<void> {
  const client = clientOf(gate, folder.operatorToken);
  const { providers } = await client.ask<{ providers: readonly KnownProvider[] }>({
    method: 'GET',
    path: '/v1/providers',
  });
  const known = providers.find(({ kind, caption }) => kind === 'pickup' && caption === CAPTION);
  const wanted = { directory, isEnabled: true, priority: 0 };
  await client.ask(
    known === undefined
      ? { method: 'POST', path: '/v1/providers', body: { kind: 'pickup', caption: CAPTION, ...wanted } }
      : { method: 'PATCH', path: `/v1/providers/${known.id}`, body: wanted },
  );
}

/** As Go has it, `:8000` is that port on all addresses. */
function parseListen(text: string): { host: string; port: number } {
  const onAll = /^:(\d+)$/.exec(text)?.[1];
  if (onAll === undefined) return parseEndpoint(text);
  if (Number(onAll) > 65_535) throw new InvalidArgumentError('It must be HOST:PORT, such as 127.0.0.1:8000.');
  return { host: '0.0.0.0', port: Number(onAll) };
}
