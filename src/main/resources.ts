import { hostname } from 'node:os';
import { createBackoff } from '../auth/backoff.ts';
import { createKeyring, type Keyring } from '../auth/keyring.ts';
import { createLoginLimiter, type LoginLimiter } from '../auth/login-limiter.ts';
import { createSealing, type RotatableSealing } from '../auth/sealing.ts';
import { assertOpensSecrets, loadSecretKeys, type SecretKeys } from '../auth/secret-keys.ts';
import { createSessions, type Sessions } from '../auth/sessions.ts';
import type { Config } from '../config/config-schema.ts';
import type { MakeTransport } from '../delivery/lane/lanes.ts';
import { type LeaseRenewal, startLeaseRenewal } from '../delivery/lease-renewal.ts';
import { makeTransports } from '../delivery/make-transport.ts';
import type { Parcel } from '../delivery/transport.ts';
import { type Log, openLog } from '../process/log.ts';
import { providerSecretRow } from '../services/providers/providers.ts';
import {
  DEFAULT_ACCOUNT,
  provisionAccount,
  provisionProviders,
} from '../services/providers/provision-providers.ts';
import { checkDatabaseKey, finishRotation, listSecrets } from '../services/secret-key-rotation.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { newToken, now, random } from './clock-and-randomness.ts';
import type { DataFolder } from './data-folder.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { waitForStore } from './wait-for-store.ts';

export interface StartOptions {
  readonly folder: DataFolder;
  /** False: the gate opens no port, and requests come through `inject` only. */
  readonly listens: boolean;
  /** False: the gate sends nothing, and accepted mail stays in the queue. */
  readonly delivers: boolean;
  /** Called with every message that the inbox of development mode receives. */
  readonly onCaptured?: (parcel: Parcel) => void;
}

/** The objects that all parts of a gate share. They are opened first and closed last. */
export interface Resources {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly sealing: RotatableSealing;
  readonly secretKeys: SecretKeys;
  readonly keyring: Keyring;
  readonly sessions: Sessions;
  /** Failed logins, counted together for HTTP and SMTP. */
  readonly loginLimiter: LoginLimiter;
  readonly leaseRenewal: LeaseRenewal;
  readonly metrics: Metrics;
  readonly makeTransport: MakeTransport;
}

/** How long a starting gate waits for a database that is not available. */
const STORE_WAIT_MS = 60_000;

/** Opens the log and the store, checks the sealing key, writes the configured records, and joins as a node. */
export async function openResources(config: Config, options: StartOptions): Promise<Resources> {
  const log = openLog(config.log);
  const store = await openConfiguredStore(config, log, options.delivers ? STORE_WAIT_MS : 0);
  const { sealing, secretKeys } = await openSealing(config, store, options.folder);
  await provision(config, { store, sealing, delivers: options.delivers });
  const leaseRenewal = await joinAsNode(store, log);
  return {
    ...{ config, log, store, sealing, secretKeys, leaseRenewal },
    ...createAccess(config, store, options.folder),
    metrics: createMetrics(store, log.dropped),
    makeTransport: makeTransports({
      shareOf: leaseRenewal.shareOf,
      openPassword: provider => sealing.open(provider.sealedPassword, providerSecretRow(provider)),
      onCaptured: options.onCaptured ?? (() => {}),
      random: Math.random,
      hostName: hostname(),
    }),
  };
}

function openConfiguredStore(config: Config, { logger }: Log, timeoutMs: number): Promise<Store> {
  const onMigration = (migration: string) => logger.info({ migration }, 'migrated the database');
  return waitForStore(() => openStore(config.store, { ...config.limits, now, onMigration }), {
    timeoutMs,
    onWait: err => logger.error({ err, timeoutMs }, 'the store is not available: waiting for it'),
  });
}

/** @throws when the sealing key cannot open the secrets of the store. */
async function openSealing(config: Config, { registry }: Store, folder: DataFolder) {
  const secretKeys = loadSecretKeys(config.secretKey, folder.path, random);
  const sealing = createSealing(secretKeys.keys, random);
  assertOpensSecrets(sealing, await listSecrets(registry));
  // Gates of development mode can share a database while each has its own data folder, and so its own key.
  if (!config.development) await checkDatabaseKey({ registry, sealing });
  await finishRotation({ registry, sealing, secretKeys });
  return { sealing, secretKeys };
}

/** Writes the records that the configuration names: the default account and the providers. */
async function provision(
  config: Config,
  parts: { readonly store: Store; readonly sealing: RotatableSealing; readonly delivers: boolean },
): Promise<void> {
  const { store, sealing, delivers } = parts;
  const context = { registry: store.registry, sealing, now, newName: newToken, config };
  await provisionAccount(context);
  // A command can run with another configuration than the gate of the same folder. It must not remove the gate's providers.
  if (delivers) await provisionProviders(context);
}

function joinAsNode({ nodes }: Store, log: Log): Promise<LeaseRenewal> {
  return startLeaseRenewal(
    nodes,
    { now, monotonicMs: () => performance.now() },
    { host: hostname(), pid: process.pid },
    error =>
      error === undefined
        ? log.storeAnswers()
        : log.logger.error({ err: error }, 'the lease could not be renewed'),
  );
}

/** Creates what decides who may use the gate: keys, sessions and the count of failed logins. */
function createAccess({ development }: Config, { registry }: Store, { operatorToken }: DataFolder) {
  const keyring = createKeyring({ registry, operatorToken, operatorAccount: DEFAULT_ACCOUNT });
  return {
    keyring,
    sessions: createSessions({
      ...{ registry, keyring, development, random, now },
      account: DEFAULT_ACCOUNT,
    }),
    loginLimiter: createLoginLimiter({ backoff: createBackoff(), exemptsLoopback: development, now }),
  };
}
