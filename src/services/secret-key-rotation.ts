import type { Random } from '../auth/random-text.ts';
import type { RotatableSealing } from '../auth/sealing.ts';
import {
  assertOpensSecrets,
  newSecretKey,
  type SealedSecret,
  type SecretKeys,
  writeSecretKeys,
} from '../auth/secret-keys.ts';
import type { Account } from '../core/account.ts';
import { AppError } from '../core/errors.ts';
import type { Provider } from '../core/provider.ts';
import type { Handlers } from '../operations/operations.ts';
import type { Audit } from '../store/audit.ts';
import type { Registry } from '../store/registry.ts';
import { webhookSecretRow } from './accounts/accounts.ts';
import { asAuthor } from './author.ts';
import { providerSecretRow } from './providers/providers.ts';

export interface SecretsContext {
  readonly registry: Registry;
  readonly audit: Pick<Audit, 'note'>;
  readonly sealing: RotatableSealing;
  /** Those that `sealing` was made with. */
  readonly secretKeys: SecretKeys;
  readonly random: Random;
  /** Epoch ms. */
  readonly now: () => number;
}

type Sealed = Pick<SecretsContext, 'registry' | 'sealing'>;

/** Changes that were under way when a pass began may need another one; no more than that. */
const MAX_PASSES = 5;
/** What the proof of a database's key says, and the row it is sealed for: the word that a refusal has for it. */
const PROOF = 'this database';

/**
 * Replaces the key that seals secrets. A crash on the way loses nothing: the key file holds the old key until no row
 * needs it any more, and the next rotation, or `finishRotation`, does the rest.
 */
export function createSecretHandlers(context: SecretsContext): Pick<Handlers, 'rotateSecretKey'> {
  const { sealing, secretKeys, random } = context;
  let fileKeys: SecretKeys['keys'] = secretKeys.keys;
  let isRotating = false;

  async function rotate(file: string): Promise<number> {
    const key = newSecretKey(random);
    fileKeys = [key, ...fileKeys];
    writeSecretKeys(file, fileKeys);
    sealing.sealWith(key);
    const secrets = await resealAll(context);
    fileKeys = [key];
    writeSecretKeys(file, fileKeys);
    return secrets;
  }

  return {
    async rotateSecretKey(principal) {
      if (isRotating) throw new AppError('conflict', 'A rotation of the key is under way.');
      isRotating = true;
      try {
        const { file } = secretKeys;
        const secrets = await (file === undefined ? resealConfigured(context) : rotate(file));
        const keyId = sealing.keyId();
        const changes = { keyId: [null, keyId] } as const;
        const about = { action: 'changed', kind: 'secrets', subject: null, name: '', changes } as const;
        await context.audit.note({ ...asAuthor(principal, context.now), ...about });
        return { secrets, keyId };
      } finally {
        isRotating = false;
      }
    },
  };
}

/** Does the rest of a rotation that a crash has cut off; nothing when there is none. */
export async function finishRotation(
  context: Pick<SecretsContext, 'registry' | 'sealing' | 'secretKeys'>,
): Promise<void> {
  const { keys, file } = context.secretKeys;
  if (file === undefined || keys.length === 1) return;
  await resealAll(context);
  writeSecretKeys(file, [keys[0]]);
}

/**
 * The first gate of a database leaves a proof of its key there; another with a different key is refused, before it seals
 * what the others could not open.
 */
export async function checkDatabaseKey({ registry, sealing }: Sealed): Promise<void> {
  if ((await registry.list('sealing')).length === 0) {
    // Of two that start together one leaves the proof.
    await registry.add('sealing', PROOF, id => ({ id, sealed: sealing.seal(PROOF, PROOF) }));
  }
  assertOpensSecrets(sealing, await listProofs(registry));
}

/** Every secret there is. */
export async function listSecrets(registry: Pick<Registry, 'list'>): Promise<readonly SealedSecret[]> {
  const [providers, accounts] = await Promise.all([registry.list('provider'), registry.list('account')]);
  return [...providers.flatMap(secretsOfProvider), ...accounts.flatMap(secretsOfAccount)];
}

async function listProofs(registry: Pick<Registry, 'list'>): Promise<readonly SealedSecret[]> {
  return (await registry.list('sealing')).map(({ sealed }) => ({ row: PROOF, sealed }));
}

/** The operator has put a new key before the old ones. */
async function resealConfigured(context: SecretsContext): Promise<number> {
  if (context.secretKeys.keys.length > 1) return resealAll(context);
  throw new AppError(
    'conflict',
    'The sealing key is secretKey of the configuration, which the gate cannot change: put a new key in front of it ' +
      '(secretKey: NEW,OLD), restart the gate, rotate again, and then take the old key out.',
  );
}

/** Seals everything with the newest key that is sealed with another; gives how many secrets there are. */
async function resealAll({ registry, sealing }: Sealed): Promise<number> {
  const reseal = (sealed: string, row: string) =>
    sealing.isCurrent(sealed) ? sealed : sealing.seal(sealing.open(sealed, row), row);
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const secrets = await listSecrets(registry);
    const sealed = [...secrets, ...(await listProofs(registry))];
    if (sealed.every(one => sealing.isCurrent(one.sealed))) return secrets.length;
    for (const { id } of await registry.list('provider')) {
      await registry.change('provider', id, provider => resealProvider(provider, reseal));
    }
    for (const { id } of await registry.list('account')) {
      await registry.change('account', id, account => resealAccount(account, reseal));
    }
    for (const { id } of await registry.list('sealing')) {
      await registry.change('sealing', id, proof => ({ ...proof, sealed: reseal(proof.sealed, PROOF) }));
    }
  }
  throw new Error('Secrets are sealed with an old key again and again');
}

type Reseal = (sealed: string, row: string) => string;

function resealProvider(provider: Provider, reseal: Reseal): Provider {
  if (provider.kind !== 'smtp') return provider;
  return { ...provider, sealedPassword: reseal(provider.sealedPassword, providerSecretRow(provider)) };
}

function resealAccount(account: Account, reseal: Reseal): Account {
  const { id, webhook } = account;
  if (webhook === null) return account;
  const sealedSecret = reseal(webhook.sealedSecret, webhookSecretRow(id));
  return { ...account, webhook: { ...webhook, sealedSecret } };
}

function secretsOfProvider(provider: Provider): SealedSecret[] {
  if (provider.kind !== 'smtp' || provider.sealedPassword === '') return [];
  return [{ row: providerSecretRow(provider), sealed: provider.sealedPassword }];
}

function secretsOfAccount({ id, webhook }: Account): SealedSecret[] {
  return webhook === null ? [] : [{ row: webhookSecretRow(id), sealed: webhook.sealedSecret }];
}
