import { type Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config/config.ts';
import type { Config } from '../config/config-schema.ts';
import { type CliOutput, createCliOutput } from './command-output.ts';
import { connectToGate, type GateClient } from './gate-client.ts';

/** The options of every command that works on a gate. */
export interface CommonOptions {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** Adds `--config`, `--data` and `--json` to a command. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (YAML); also POSTERN_CONFIG')
    .option('--data <dir>', 'data folder of the gate, instead of the configured one')
    .option('--json', 'print JSON, for programs');
}

/** Loads the configuration from the options and the environment. */
export function configOf({ config, data }: CommonOptions): Config {
  const file = config ?? process.env['POSTERN_CONFIG'];
  return loadConfig({
    environment: process.env,
    settings: { data },
    ...(file !== undefined && { file }),
  });
}

/** Runs a command on the gate of the configured data folder, whether that gate is running or not. */
export async function onGate(
  options: CommonOptions,
  run: (client: GateClient, output: CliOutput) => Promise<void>,
): Promise<void> {
  const client = await connectToGate(configOf(options));
  try {
    await run(client, outputOf(options));
  } finally {
    await client.close();
  }
}

export function outputOf({ json = false }: CommonOptions): CliOutput {
  return createCliOutput(json, text => process.stdout.write(text));
}

/** `HOST:PORT`, `[IPv6]:PORT`, or `PORT` alone for 127.0.0.1. */
export function parseEndpoint(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535)
    throw new InvalidArgumentError('It must be HOST:PORT, such as 127.0.0.1:8000.');
  return { host: bracketed ?? plain ?? '127.0.0.1', port };
}

/** Formats an endpoint for `parseEndpoint`. */
export function formatEndpoint({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Parses an id or a count. */
export function parseNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** Collects the values of a repeatable option. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
