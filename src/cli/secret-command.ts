import type { Command } from 'commander';
import { type CommonOptions, onGate, withCommonOptions } from './command-options.ts';

const HELP = `
The key is in the file secret.key of the data folder; a copy of that folder without it has no passwords in it.
Where the configuration has the key (secretKey, POSTERN_SECRET_KEY), put a new one in front of it, NEW,OLD, and restart
the gate; this command seals everything with the new one, and then the old one can be taken out.`;

/** `postern secret`: the key that seals passwords in the database. */
export function addSecretCommands(program: Command): void {
  const group = program
    .command('secret')
    .description('manage the key that seals the passwords of providers and the secrets of webhooks');
  withCommonOptions(group.command('rotate'))
    .description('seal all secrets with a new key, and forget the old one')
    .addHelpText('after', HELP)
    .action((options: CommonOptions) =>
      onGate(options, async (client, output) => {
        const rotated = await client.ask<{ secrets: number; keyId: string }>({
          method: 'POST',
          path: '/v1/secret/rotate',
        });
        output.result(rotated, `Sealed with the new key ${rotated.keyId}. Secrets: ${rotated.secrets}.`);
      }),
    );
}
