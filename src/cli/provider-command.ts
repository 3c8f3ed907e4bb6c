import type { Command } from 'commander';
import type { CheckReport } from '../delivery/transport.ts';
import { type CommonOptions, onGate, parseNumber, withCommonOptions } from './command-options.ts';
import { table } from './command-output.ts';
import { addProviderAdd } from './provider-add-command.ts';

const EXAMPLES = `
Examples:
  postern provider add --host smtp.example.com --username bob --password-file ./password
  postern provider add --host smtp.example.com --encryption ssl --priority 20 --caption "Second choice"
  postern provider add --host smtp.example.net --weight 50 --max-per-second 14 --max-per-day 50000
  postern provider add --kind pickup --directory /var/pickup
  postern provider list
  postern provider check 1
  postern provider remove 1`;

interface ShownProvider {
  readonly id: number;
  readonly kind: string;
  readonly caption: string | null;
  readonly isEnabled: boolean;
  readonly priority: number;
  readonly weight: number;
  readonly maxPerSecond: number | null;
  readonly maxPerMinute: number | null;
  readonly maxPerHour: number | null;
  readonly maxPerDay: number | null;
  readonly senderDomains: readonly string[];
  readonly host?: string;
  readonly port?: number;
  readonly encryption?: string;
  readonly directory?: string;
}

/** `postern provider`: manages providers. */
export function addProviderCommands(program: Command): void {
  const group = program
    .command('provider')
    .description('manage providers: the SMTP servers and pickup directories that deliver mail')
    .addHelpText('after', EXAMPLES);
  addProviderAdd(group, EXAMPLES);
  addList(group);
  addRemove(group);
  addCheck(group);
}

function addList(group: Command): void {
  withCommonOptions(group.command('list'))
    .description('list the providers, sorted by id')
    .action((options: CommonOptions) =>
      onGate(options, async (client, output) => {
        const answer = await client.ask<{ providers: readonly ShownProvider[] }>({
          method: 'GET',
          path: '/v1/providers',
        });
        output.result(answer.providers, listing(answer.providers));
      }),
    );
}

function addRemove(group: Command): void {
  withCommonOptions(group.command('remove'))
    .description('remove a provider; its mail goes to another provider, or waits for one')
    .argument('<id>', 'id of the provider', parseNumber)
    .action((id: number, options: CommonOptions) =>
      onGate(options, async (client, output) => {
        await client.ask({ method: 'DELETE', path: `/v1/providers/${id}` });
        output.result({ id, removed: true }, `Provider ${id} removed.`);
      }),
    );
}

function addCheck(group: Command): void {
  withCommonOptions(group.command('check'))
    .description('connect to a provider and log in, without sending mail; the exit code is 1 after a failure')
    .argument('<id>', 'id of the provider', parseNumber)
    .action((id: number, options: CommonOptions) =>
      onGate(options, async (client, output) => {
        const report = await client.ask<CheckReport>({ method: 'POST', path: `/v1/providers/${id}/check` });
        output.result(report, reportText(report));
        if (!report.ok) process.exitCode = 1;
      }),
    );
}

function listing(providers: readonly ShownProvider[]): string {
  if (providers.length === 0)
    return 'There are no providers yet, so mail waits. Add one with: postern provider add';
  const rows = providers.map(provider => [
    String(provider.id),
    provider.isEnabled ? 'yes' : 'no',
    String(provider.priority),
    String(provider.weight),
    limitsOf(provider),
    provider.kind,
    targetOf(provider),
    provider.senderDomains.join(', ') || 'all',
    provider.caption ?? '',
  ]);
  return table(
    ['ID', 'ENABLED', 'PRIORITY', 'WEIGHT', 'LIMITS', 'KIND', 'TARGET', 'SENDERS', 'CAPTION'],
    rows,
  );
}

function limitsOf({ maxPerSecond, maxPerMinute, maxPerHour, maxPerDay }: ShownProvider): string {
  const limits = { s: maxPerSecond, min: maxPerMinute, h: maxPerHour, d: maxPerDay };
  const set = Object.entries(limits).filter(([, max]) => max !== null);
  return set.map(([window, max]) => `${max}/${window}`).join(', ') || 'none';
}

function targetOf({ host, port, encryption, directory }: ShownProvider): string {
  return host === undefined ? (directory ?? '') : `${host}:${port} (${encryption})`;
}

function reportText({ ok, stages }: CheckReport): string {
  const rows = stages.map(stage => [
    stage.ok ? 'ok' : 'FAILED',
    stage.stage,
    `${Math.round(stage.ms)} ms`,
    stage.detail,
  ]);
  return `${table(['', 'STAGE', 'TIME', 'RESULT'], rows)}\n${ok ? 'The provider works.' : 'The provider does not work.'}`;
}
