import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createAuthenticate } from '../../../src/auth/authenticate.ts';
import { createBackoff } from '../../../src/auth/backoff.ts';
import { createKeyring } from '../../../src/auth/keyring.ts';
import { createLoginLimiter } from '../../../src/auth/login-limiter.ts';
import { createSealing } from '../../../src/auth/sealing.ts';
import { loadSecretKeys } from '../../../src/auth/secret-keys.ts';
import { newAccount } from '../../../src/core/account.ts';
import { makeTransports } from '../../../src/delivery/make-transport.ts';
import { providers } from '../../../src/dialects/providers/providers.ts';
import { v1 } from '../../../src/dialects/v1/v1.ts';
import { createCallerRules } from '../../../src/http/caller-rules.ts';
import { createHttpServer } from '../../../src/http/http.ts';
import { type DataFolder, holdDataFolder } from '../../../src/main/data-folder.ts';
import type { Handlers } from '../../../src/operations/operations.ts';
import { createAccountHandlers } from '../../../src/services/accounts/accounts.ts';
import { createKeyHandlers } from '../../../src/services/accounts/key-service.ts';
import { createProviderHandlers, providerSecretRow } from '../../../src/services/providers/providers.ts';
import { createSecretHandlers } from '../../../src/services/secret-key-rotation.ts';
import type { Store } from '../../../src/store/store.ts';
import { suiteContext } from '../../suites/dialect.ts';
import { rigOpener } from '../stores/store-rig.ts';
import { type Api, apiOf } from './api.ts';
import { createHarness } from './engine.ts';

/** What is managed by HTTP, on a real server and store: providers, accounts, keys and the sealing key. */
export interface AdminGate {
  readonly store: Store;
  /** Of the operator, who has every scope. */
  readonly api: Api;
  /** The same calls with another key, or none. */
  as(key?: string): Api;
  /** `http://HOST:PORT` */
  readonly http: string;
  /** Its data folder, in which commands find it running. */
  readonly data: string;
  /** A key of a new account. */
  newKey(account: string, scopes?: readonly string[]): Promise<string>;
}

const openRig = rigOpener(createHarness);

/** Starts one that ends with the test. */
export async function startAdminGate(): Promise<AdminGate> {
  const { store, now } = await openRig();
  const { registry } = store;
  const folder = await holdNewFolder();
  await registry.add('account', 'default', id =>
    newAccount({ id, name: 'default', allowedSenders: ['*'], createdAt: now() }),
  );
  const { operatorToken } = folder;
  const keyring = createKeyring({ registry, operatorToken, operatorAccount: 'default' });
  onTestFinished(() => keyring.close());
  const loginLimiter = createLoginLimiter({ backoff: createBackoff(), exemptsLoopback: false, now });
  const authenticate = createAuthenticate({ keyring, loginLimiter });
  const rules = createCallerRules({ trustedNetworks: ['127.0.0.0/8'], trustedProxies: [], hosts: [] });
  const server = createHttpServer({
    ...suiteContext([], operationsOf(store, folder.path, now)),
    dialects: [providers, v1],
    authenticate: ({ key, user }, address) =>
      authenticate(user === undefined ? { key } : { key, user }, address),
    keyless: facts => (rules.isKeyless(facts) ? keyring.keyless('default') : undefined),
  });
  onTestFinished(() => server.close(0));
  const { host, port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const http = `http://${host}:${port}`;
  folder.publish({ host, port });
  const api = apiOf({ http }, operatorToken);
  return {
    ...{ store, api, http },
    data: folder.path,
    as: key => apiOf({ http }, key),
    async newKey(account, scopes = ['send', 'read']) {
      const body = { account, name: 'test', scopes, newAccount: { allowedSenders: ['*'] } };
      return (await api.ask<{ secret: string }>('POST', '/v1/keys', body)).secret;
    },
  };
}

async function holdNewFolder(): Promise<DataFolder> {
  const path = mkdtempSync(join(tmpdir(), 'postern-admin-'));
  const folder = await holdDataFolder(path, { purpose: 'gate', random: randomBytes, waitMs: 0 });
  onTestFinished(() => {
    folder.release();
    rmSync(path, { recursive: true });
  });
  return folder;
}

function operationsOf({ registry, audit }: Store, folder: string, now: () => number): Handlers {
  const secretKeys = loadSecretKeys(undefined, folder, randomBytes);
  const sealing = createSealing(secretKeys.keys, randomBytes);
  const shared = { registry, audit, sealing, now, random: randomBytes };
  const newName = () => randomBytes(8).toString('hex');
  const operations: Partial<Handlers> = {
    ...createProviderHandlers({
      ...{ ...shared, newName, waitUntilApplied: async () => {} },
      rules: { allowClearText: ['127.0.0.0/8', '*.invalid'], development: false },
      makeTransport: makeTransports({
        openPassword: provider => sealing.open(provider.sealedPassword, providerSecretRow(provider)),
        onCaptured: () => {},
        shareOf: connections => connections,
        random: Math.random,
        hostName: 'gate.test',
      }),
    }),
    ...createAccountHandlers({ ...shared, allowsWebhookTo: () => false }),
    ...createKeyHandlers({ ...shared, newName }),
    ...createSecretHandlers({ ...shared, secretKeys }),
  };
  // The others are not called: nobody sends here.
  return operations as Handlers;
}
