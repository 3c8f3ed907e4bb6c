import { type Command, Option } from 'commander';
import type { ProviderSettings } from '../operations/provider-operations.ts';
import { type CommonOptions, collect, onGate, parseNumber, withCommonOptions } from './command-options.ts';
import { PASSWORD_FILE, readFile, readPassword } from './password.ts';

interface AddOptions extends CommonOptions {
  readonly kind?: 'smtp' | 'pickup';
  readonly caption?: string;
  readonly host?: string;
  readonly port?: number;
  readonly encryption?: 'tls' | 'ssl' | 'none';
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  readonly directory?: string;
  readonly priority?: number;
  readonly weight?: number;
  readonly maxPerSecond?: number;
  readonly maxPerMinute?: number;
  readonly maxPerHour?: number;
  readonly maxPerDay?: number;
  readonly maxConnections?: number;
  readonly maxRecipients?: number;
  readonly domain?: readonly string[];
  readonly sendFrom?: string;
  readonly sendFromName?: string;
  readonly disabled?: boolean;
}

/** `postern provider add`. */
export function addProviderAdd(group: Command, examples: string): void {
  withCommonOptions(group.command('add'))
    .description('add a provider; it takes mail at once')
    .addOption(new Option('--kind <kind>', 'what it is').choices(['smtp', 'pickup']).default('smtp'))
    .option('--caption <text>', 'name for people')
    .option('--host <name>', 'host name or address of the SMTP server')
    .option('--port <number>', 'port (default: 587 for tls, 465 for ssl, 25 for none)', parseNumber)
    .addOption(
      new Option(
        '--encryption <mode>',
        'tls: STARTTLS required; ssl: TLS from the start (default: tls)',
      ).choices(['tls', 'ssl', 'none']),
    )
    .option('--username <name>', 'user name; without one there is no AUTH')
    .option('--password-file <file>', PASSWORD_FILE)
    .option('--ca-file <file>', 'PEM of the only certification authority to trust')
    .option('--directory <path>', 'of a pickup provider: the directory')
    .option('--priority <number>', 'lower goes first (default: 10)', parseNumber)
    .option('--weight <number>', 'share among those of the same priority (default: 100)', parseNumber)
    .option('--max-per-second <number>', 'recipients in any second; more wait', parseNumber)
    .option('--max-per-minute <number>', 'recipients in any minute', parseNumber)
    .option('--max-per-hour <number>', 'recipients in any hour', parseNumber)
    .option('--max-per-day <number>', 'recipients in any day', parseNumber)
    .option('--max-connections <number>', 'connections at once (default: 20)', parseNumber)
    .option('--max-recipients <number>', 'recipients in one transaction (default: 100)', parseNumber)
    .option('--domain <domain>', 'sender domain that it serves, repeatable (default: all)', collect)
    .option('--send-from <address>', 'sender where a message names none')
    .option('--send-from-name <text>', 'display name of that sender')
    .option('--disabled', 'add it without using it yet')
    .addHelpText('after', examples)
    .action((options: AddOptions) =>
      onGate(options, async (client, output) => {
        const body = settingsOf(options);
        const added = await client.ask<{ id: number }>({ method: 'POST', path: '/v1/providers', body });
        output.result(added, `Provider ${added.id} added. Try it: postern provider check ${added.id}`);
      }),
    );
}

function settingsOf(options: AddOptions): ProviderSettings {
  const {
    caFile,
    maxRecipients,
    domain,
    disabled,
    config: _c,
    data: _d,
    json: _j,
    passwordFile,
    ...same
  } = options;
  const password = readPassword(passwordFile);
  return {
    ...same,
    ...(password !== undefined && { password }),
    ...(caFile !== undefined && { caPem: readFile(caFile) }),
    ...(maxRecipients !== undefined && { maxRecipientsPerMessage: maxRecipients }),
    ...(domain !== undefined && { senderDomains: domain }),
    ...(disabled && { isEnabled: false }),
  };
}
