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
    .description('add a provider; it is used immediately')
    .addOption(new Option('--kind <kind>', 'kind of provider').choices(['smtp', 'pickup']).default('smtp'))
    .option('--caption <text>', 'name in lists and in the dashboard')
    .option('--host <name>', 'host name or address of the SMTP server')
    .option('--port <number>', 'port (default: 587 for tls, 465 for ssl, 25 for none)', parseNumber)
    .addOption(
      new Option(
        '--encryption <mode>',
        'tls: STARTTLS required; ssl: implicit TLS; none: no TLS (default: tls)',
      ).choices(['tls', 'ssl', 'none']),
    )
    .option('--username <name>', 'user name; without it the gate does not authenticate')
    .option('--password-file <file>', PASSWORD_FILE)
    .option('--ca-file <file>', 'PEM of the only certificate authority to trust')
    .option('--directory <path>', 'directory of a pickup provider')
    .option('--priority <number>', 'providers with a lower number come first (default: 10)', parseNumber)
    .option(
      '--weight <number>',
      'share of the mail among providers of the same priority (default: 100)',
      parseNumber,
    )
    .option('--max-per-second <number>', 'recipients in any second; others wait', parseNumber)
    .option('--max-per-minute <number>', 'recipients in any minute', parseNumber)
    .option('--max-per-hour <number>', 'recipients in any hour', parseNumber)
    .option('--max-per-day <number>', 'recipients in any day', parseNumber)
    .option('--max-connections <number>', 'connections at the same time (default: 20)', parseNumber)
    .option('--max-recipients <number>', 'recipients in one transaction (default: 100)', parseNumber)
    .option('--domain <domain>', 'sender domain that it accepts, repeatable (default: all)', collect)
    .option('--send-from <address>', 'default sender of messages without one')
    .option('--send-from-name <text>', 'display name of that sender')
    .option('--disabled', 'add it as disabled')
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
