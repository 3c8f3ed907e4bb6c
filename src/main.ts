import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { createAuthenticate } from './accounts/authenticate.ts';
import { createBackoff } from './accounts/backoff.ts';
import { createKeyring, type Keyring } from './accounts/keys.ts';
import { createSealing, type Sealing } from './accounts/sealing.ts';
import { assertOpensAll, loadSecretKey } from './accounts/secret-keys.ts';
import { createKeyHandlers } from './admin/keys.ts';
import { createMessageHandlers } from './admin/messages.ts';
import { createProviderHandlers, sealedRowOf } from './admin/providers.ts';
import { DEFAULT_ACCOUNT, provisionAccount, provisionProviders } from './admin/provision.ts';
import { createSubmissionHandlers } from './admin/submissions.ts';
import type { Config } from './config.ts';
import { createIds } from './core/id.ts';
import type { DataFolder } from './data-folder.ts';
import type { MakeTransport } from './delivery/lanes.ts';
import { keepLease, type LeaseKeeper } from './delivery/lease-keeper.ts';
import { makeTransports } from './delivery/make-transport.ts';
import { type Delivery, standStill, startDelivery } from './delivery/start-delivery.ts';
import type { Parcel } from './delivery/transport.ts';
import { createCallerRules } from './intake/http/access.ts';
import type { Handlers, HttpContext } from './intake/http/context.ts';
import { createDialects } from './intake/http/dialects.ts';
import { createHttpServer, type Endpoint } from './intake/http/server.ts';
import { type Log, openLog } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import { createSubmit, type Submit } from './submit.ts';
import { startUpkeep, type UpkeepOptions } from './upkeep/start-upkeep.ts';
import { VERSION } from './version.ts';

/** A gate: every part of it built and joined. */
export interface Gate {
  /** Where it listens; absent when it does not. */
  readonly http?: Endpoint;
  /** Answers a request as if it had come over HTTP. */
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
  /** Takes nothing more, lets what is under way end within the configured grace, then closes everything. */
  stop(): Promise<void>;
}

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
interface Foundation {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly sealing: Sealing;
  readonly keyring: Keyring;
  readonly keeper: LeaseKeeper;
  readonly metrics: Metrics;
  readonly makeTransport: MakeTransport;
}

const TOKEN_LENGTH = 20;
const MAX_SCHEDULE_MS = 30 * 86_400_000;
const now = Date.now;
const random = (size: number) => randomBytes(size);
/** 76 random bits as letters and digits, short enough for a Message-ID on one line; Node draws them in advance. */
const newName = () => randomUUID().replaceAll('-', '').slice(0, TOKEN_LENGTH);

/** Builds the gate from its parts and starts it; what fails on the way is closed again. */
export async function start(config: Config, options: StartOptions): Promise<Gate> {
  const foundation = await layFoundation(config, options);
  const { store, keeper, log } = foundation;
  const delivery = await (options.delivers ? deliver(foundation) : standStill(store));
  const upkeep = options.delivers ? startUpkeep(upkeepOptions(foundation)) : undefined;
  const submit = openWayIn(foundation, delivery);
  const server = createHttpServer(await httpContext(foundation, handlersOf(foundation, submit, delivery)));

  async function stop(): Promise<void> {
    const { graceMs } = config.delivery;
    await Promise.all([server.close(graceMs), delivery.stop(graceMs)]);
    await upkeep?.stop();
    foundation.keyring.close();
    await keeper.stop({ leave: true });
    await store.close();
    log.close();
  }

  if (!options.listens) return { inject: server.inject, stop };
  try {
    const http = await server.listen(config.http);
    log.logger.info({ http, version: VERSION }, 'listening');
    return { http, inject: server.inject, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function layFoundation(
  config: Config,
  { folder, onCaptured, delivers }: StartOptions,
): Promise<Foundation> {
  const log = openLog(config.log);
  const store = await openStore(config.store, {
    ...config.limits,
    now,
    onMigration: migration => log.logger.info({ migration }, 'migrated the database'),
  });
  const sealing = createSealing([loadSecretKey(config.secretKey, folder.path, random)], random);
  const { registry } = store;
  assertOpensAll(sealing, await registry.list('provider'), sealedRowOf);
  const provision = { registry, sealing, now, newName, config };
  await provisionAccount(provision);
  // A command of another configuration must not take away the providers of the gate whose folder it looks into.
  if (delivers) await provisionProviders(provision);
  const { operatorToken } = folder;
  const makeTransport = makeTransports({
    openPassword: provider => sealing.open(provider.sealedPassword, sealedRowOf(provider)),
    onCaptured: onCaptured ?? (() => {}),
    hostName: hostname(),
  });
  return {
    config,
    log,
    store,
    sealing,
    keyring: createKeyring({ registry, operatorToken, operatorAccount: DEFAULT_ACCOUNT }),
    keeper: await keepLease(
      store.nodes,
      { now, monotonicMs: () => performance.now() },
      { host: hostname(), pid: process.pid },
    ),
    metrics: createMetrics(store, log.dropped),
    makeTransport,
  };
}

function deliver(foundation: Foundation): Promise<Delivery> {
  const { config, store, keeper, metrics, log, makeTransport } = foundation;
  const { windowMessages: messages, windowBytes: bytes } = config.delivery;
  return startDelivery({
    store,
    keeper,
    makeTransport,
    window: { messages, bytes },
    policy: settlePolicy(config),
    now,
    random: Math.random,
    logger: log.logger,
    onAttempt: metrics.attempt,
  });
}

function settlePolicy({ delivery }: Config) {
  return { unknown: delivery.unknownPolicy, unknownRetryMs: delivery.unknownRetryMs };
}

function upkeepOptions({ config, store, keeper, metrics, log }: Foundation): UpkeepOptions {
  return {
    rescue: { store, lease: keeper.lease, now, random: Math.random, policy: settlePolicy(config) },
    retention: config.retention,
    onRescued(rescued) {
      log.logger.warn(rescued, 'took over from a process that died');
      metrics.rescued('not-sent', rescued.notSent);
      metrics.rescued('answered', rescued.answered);
      metrics.rescued('unknown', rescued.unknown);
    },
    onError: error => log.logger.error({ err: error }, 'a periodic job failed'),
  };
}

function openWayIn({ config, store, keeper, metrics, log }: Foundation, delivery: Delivery): Submit {
  const { limits } = config;
  const { expiryMs, maxExpiryMs } = config.delivery;
  return createSubmit({
    store,
    delivery: delivery.dispatcher,
    lease: keeper.lease,
    providers: delivery.providers,
    policy: { ...limits, expiryMs, maxExpiryMs, maxScheduleMs: MAX_SCHEDULE_MS },
    newId: createIds(keeper.node, now),
    newToken: newName,
    now,
    onAccepted(message) {
      const { id, dialect, account, envelope, mime } = message;
      log.logger.info(
        { id, dialect, account, recipients: envelope.recipients.length, bytes: mime.length },
        'accepted',
      );
      metrics.accepted(dialect, mime.length);
    },
  });
}

function handlersOf(foundation: Foundation, submit: Submit, delivery: Delivery): Handlers {
  const { config, store, sealing, makeTransport } = foundation;
  const { registry } = store;
  const rules = { allowClearText: config.allowClearText, development: config.development };
  return {
    ...createSubmissionHandlers(submit),
    ...createMessageHandlers({
      store,
      expiryMs: config.delivery.expiryMs,
      now,
      onRetried: () => delivery.dispatcher.wake(),
    }),
    ...createProviderHandlers({
      ...{ registry, sealing, rules, makeTransport, now, newName },
      settled: delivery.settled,
    }),
    ...createKeyHandlers({ registry, random, now, newName }),
  };
}

async function httpContext(foundation: Foundation, operations: Handlers): Promise<HttpContext> {
  const { config, store, keyring, keeper, metrics, log } = foundation;
  const rules = createCallerRules(config.http);
  const providers = config.development ? await store.registry.list('provider') : [];
  const inbox = providers.find(provider => provider.kind === 'capture');
  const authenticate = createAuthenticate({
    keyring,
    backoff: createBackoff(),
    sparesLoopback: config.development,
    now,
  });
  return {
    dialects: createDialects(inbox === undefined ? {} : { inbox: inbox.id }),
    operations,
    authenticate: ({ key, user }, address) =>
      authenticate(user === undefined ? { key } : { key, user }, address),
    keyless: facts => (rules.isKeyless(facts) ? keyring.keyless(config.powermta.account) : undefined),
    clientAddress: facts => rules.clientAddress(facts),
    isReady: () => keeper.isFresh(),
    metrics: () => metrics.text(),
    observe: ({ dialect, status, durationMs }) => metrics.answered(dialect, status, durationMs),
    now,
    log: log.logger,
    version: VERSION,
    limits: config.http,
  };
}
