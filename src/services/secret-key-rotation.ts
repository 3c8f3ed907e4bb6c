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
  /** The keys that `sealing` was created with. */
  readonly secretKeys: SecretKeys;
  readonly random: Random;
  /** Epoch ms. */
  readonly now: () => number;
}

type ResealContext = Pick<SecretsContext, 'registry' | 'sealing'>;

/** A change during a pass can leave a row with an old key. Then one more pass is needed. */
const MAX_PASSES = 5;
/** The text of the sealed proof in a database, and its row name. An error text also shows it as the row name. */
const PROOF = 'this database';

/**
 * Replaces the sealing key. A crash loses no secret: the key file keeps the old key until no row needs it. The next
 * rotation, or `finishRotation` at the next start, completes the work.
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
      if (isRotating) throw new AppError('conflict', 'A rotation of the sealing key is already in progress.');
      isRotating = true;
      try {
        const { file } = secretKeys;
        const secrets = await (file === undefined ? resealConfigured(context) : rotate(file));
        const keyId = sealing.keyId();
        const changes = { keyId: [null, keyId] } as const;
        const entry = { action: 'changed', kind: 'secrets', subject: null, name: '', changes } as const;
        await context.audit.note({ ...asAuthor(principal, context.now), ...entry });
        return { secrets, keyId };
      } finally {
        isRotating = false;
      }
    },
  };
}

/** Completes a rotation that a crash interrupted. Does nothing if there is none. */
export async function finishRotation(
  context: Pick<SecretsContext, 'registry' | 'sealing' | 'secretKeys'>,
): Promise<void> {
  const { keys, file } = context.secretKeys;
  if (file === undefined || keys.length === 1) return;
  await resealAll(context);
  writeSecretKeys(file, [keys[0]]);
}

/**
 * Throws if this gate has another sealing key than the other gates of the database: it would seal secrets that the others
 * cannot open. The first gate stores a proof, a known text sealed with its key.
 */
export async function checkDatabaseKey({ registry, sealing }: ResealContext): Promise<void> {
  if ((await registry.list('sealing')).length === 0) {
    // If two gates start together, the unique name lets only one add its proof.
    await registry.add('sealing', PROOF, id => ({ id, sealed: sealing.seal(PROOF, PROOF) }));
  }
  assertOpensSecrets(sealing, await listProofs(registry));
}

/** All sealed secrets of providers and accounts. */
export async function listSecrets(registry: Pick<Registry, 'list'>): Promise<readonly SealedSecret[]> {
  const [providers, accounts] = await Promise.all([registry.list('provider'), registry.list('account')]);
  return [...providers.flatMap(secretsOfProvider), ...accounts.flatMap(secretsOfAccount)];
}

async function listProofs(registry: Pick<Registry, 'list'>): Promise<readonly SealedSecret[]> {
  return (await registry.list('sealing')).map(({ sealed }) => ({ row: PROOF, sealed }));
}

/** Reseals with the first configured key. The operator must have put it before the old keys. */
async function resealConfigured(context: SecretsContext): Promise<number> {
  if (context.secretKeys.keys.length > 1) return resealAll(context);
  throw new AppError(
    'conflict',
    'The sealing key is the setting secretKey, which the gate cannot change. Put a new key before it ' +
      '(secretKey: NEW,OLD), restart the gate, rotate again, and then remove the old key.',
  );
}

/** Reseals everything that is sealed with an older key. Returns the number of secrets. */
async function resealAll({ registry, sealing }: ResealContext): Promise<number> {
  const reseal = (sealed: string, row: string) =>
    sealing.isCurrent(sealed) ? sealed : sealing.seal(sealing.open(sealed, row), row);
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const secrets = await listSecrets(registry);
    const sealed = [...secrets, ...(await listProofs(registry))];
    if (sealed.every(secret => sealing.isCurrent(secret.sealed))) return secrets.length;
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
  throw new Error(`Some secrets still have an old key after ${MAX_PASSES} passes`);
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
