import type { Command } from 'commander';
import { type CommonOptions, onGate, withCommonOptions } from './command-options.ts';

const HELP = `
The key is in the file secret.key of the data folder. Without that file nobody can read the passwords in the database.
If the configuration has the key (secretKey, POSTERN_SECRET_KEY), put a new key before it (NEW,OLD) and restart the gate.
Then this command seals everything with the new key, and you can remove the old one.`;

/** `postern secret`: manages the sealing key. */
export function addSecretCommands(program: Command): void {
  const group = program
    .command('secret')
    .description('manage the encryption key for the passwords of providers and the secrets of webhooks');
  withCommonOptions(group.command('rotate'))
    .description('seal all secrets with a new key, and remove the old key')
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
