import { hostname } from 'node:os';
import { createBackoff } from '../auth/backoff.ts';
import { type Attempts, createAttempts } from '../auth/failed-logins.ts';
import { createKeyring, type Keyring } from '../auth/keyring.ts';
import { createSealing, type RotatableSealing } from '../auth/sealing.ts';
import { assertOpensSecrets, loadSecretKeys, type SecretKeys } from '../auth/secret-keys.ts';
import { createSessions, type Sessions } from '../auth/sessions.ts';
import type { Config } from '../config/config-schema.ts';
import type { MakeTransport } from '../delivery/lane/lanes.ts';
import { type LeaseRenewal, startLeaseRenewal } from '../delivery/lease-renewal.ts';
import { makeTransports } from '../delivery/make-transport.ts';
import type { Parcel } from '../delivery/transport.ts';
import { type Log, openLog } from '../process/log.ts';
import { sealedRowOf } from '../services/providers/providers.ts';
import {
  DEFAULT_ACCOUNT,
  provisionAccount,
  provisionProviders,
} from '../services/providers/provision-providers.ts';
import { finishRotation, listSecrets, proveKey } from '../services/secret-key-rotation.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { newName, now, random } from './clock-and-randomness.ts';
import type { DataFolder } from './data-folder.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { openPatiently } from './wait-for-store.ts';

export interface StartOptions {
  readonly folder: DataFolder;
  /** False: nothing listens; `inject` is the only way in. */
  readonly listens: boolean;
  /** False: accepted mail waits, nothing is sent. */
  readonly delivers: boolean;
  /** Told of every message that the inbox of development mode takes in. */
  readonly onCaptured?: (parcel: Parcel) => void;
}

/** What the parts share, made first. */
export interface Foundation {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly sealing: RotatableSealing;
  readonly secretKeys: SecretKeys;
  readonly keyring: Keyring;
  readonly sessions: Sessions;
  /** Wrong credentials, whichever way they come in. */
  readonly attempts: Attempts;
  readonly keeper: LeaseRenewal;
  readonly metrics: Metrics;
  readonly makeTransport: MakeTransport;
}

/** How long a gate waits at its start for a database that is away. */
const PATIENCE_MS = 60_000;

/** Opens the store and makes what the parts share. */
export async function layFoundation(
  config: Config,
  { folder, onCaptured, delivers }: StartOptions,
): Promise<Foundation> {
  const log = openLog(config.log);
  const store = await openPatiently(
    () =>
      openStore(config.store, {
        ...config.limits,
        now,
        onMigration: migration => log.logger.info({ migration }, 'migrated the database'),
      }),
    {
      patienceMs: delivers ? PATIENCE_MS : 0,
      onWait: err => log.logger.error({ err, patienceMs: PATIENCE_MS }, 'the store is waited for'),
    },
  );
  const secretKeys = loadSecretKeys(config.secretKey, folder.path, random);
  const sealing = createSealing(secretKeys.keys, random);
  const { registry } = store;
  assertOpensSecrets(sealing, await listSecrets(registry));
  // Gates of development mode may share a database and have folders, and so keys, of their own.
  if (!config.development) await proveKey({ registry, sealing });
  await finishRotation({ registry, sealing, secretKeys });
  const provision = { registry, sealing, now, newName, config };
  await provisionAccount(provision);
  // A command of another configuration must not take away the providers of the gate whose folder it looks into.
  if (delivers) await provisionProviders(provision);
  const { operatorToken } = folder;
  const keyring = createKeyring({ registry, operatorToken, operatorAccount: DEFAULT_ACCOUNT });
  const { development } = config;
  const keeper = await startLeaseRenewal(
    store.nodes,
    { now, monotonicMs: () => performance.now() },
    { host: hostname(), pid: process.pid },
    error => (error === undefined ? log.storeAnswers() : log.logger.error({ err: error }, 'no lease')),
  );
  const makeTransport = makeTransports({
    shareOf: keeper.shareOf,
    openPassword: provider => sealing.open(provider.sealedPassword, sealedRowOf(provider)),
    onCaptured: onCaptured ?? (() => {}),
    random: Math.random,
    hostName: hostname(),
  });
  return {
    config,
    log,
    store,
    ...{ sealing, secretKeys },
    attempts: createAttempts({ backoff: createBackoff(), sparesLoopback: development, now }),
    keyring,
    sessions: createSessions({
      ...{ registry, keyring, development, random, now },
      account: DEFAULT_ACCOUNT,
    }),
    keeper,
    metrics: createMetrics(store, log.dropped),
    makeTransport,
  };
}
