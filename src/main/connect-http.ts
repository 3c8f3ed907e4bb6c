import { hostname } from 'node:os';
import type { Authenticate } from '../auth/authenticate.ts';
import { createPasswords } from '../auth/passwords.ts';
import { isListedHost } from '../config/host-list.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { createDialects } from '../dialects/dialects.ts';
import { createCallerRules } from '../http/caller-rules.ts';
import type { HttpContext } from '../http/http-context.ts';
import type { Handlers } from '../operations/operations.ts';
import { VERSION } from '../process/version.ts';
import { createAccountHandlers } from '../services/accounts/accounts.ts';
import { createKeyHandlers } from '../services/accounts/key-service.ts';
import { createDirectSendHandlers } from '../services/direct-send/direct-send.ts';
import { createKnownServers, type KnownServers } from '../services/direct-send/known-servers.ts';
import { createMessageActionHandlers } from '../services/messages/message-actions.ts';
import { createMessageHandlers } from '../services/messages/messages.ts';
import { createSubmissionHandlers } from '../services/messages/submissions.ts';
import { createProviderHandlers } from '../services/providers/providers.ts';
import { createReportHandlers } from '../services/reports/reports.ts';
import { createSecretHandlers } from '../services/secret-key-rotation.ts';
import type { TempMail } from '../services/temp-mail/temp-mail.ts';
import { createSessionHandlers } from '../services/users/sign-in.ts';
import { createUserHandlers } from '../services/users/users.ts';
import type { Submit } from '../submit/submit.ts';
import { newToken, now, random } from './clock-and-randomness.ts';
import type { Resources } from './resources.ts';

/** What the HTTP and SMTP servers call. */
export interface ServerDependencies {
  readonly submit: Submit;
  readonly delivery: Delivery;
  readonly tempMail: TempMail;
  readonly authenticate: Authenticate;
}

/** The handler of each operation. */
function createHandlers(
  resources: Resources,
  dependencies: ServerDependencies,
  known: KnownServers,
): Handlers {
  const { submit, delivery, tempMail } = dependencies;
  const { config, store, sealing, secretKeys, makeTransport } = resources;
  const { registry } = store;
  const { expiryMs } = config.delivery;
  const onRetried = () => delivery.dispatcher.wake();
  const rules = { allowClearText: config.allowClearText, development: config.development };
  return {
    ...createSubmissionHandlers(submit),
    ...createMessageHandlers({ store, expiryMs, now, onRetried }),
    ...createMessageActionHandlers({
      ...{ store, expiryMs, now, onRetried, newToken },
      ...{ retention: config.retention, development: config.development },
      submit: submit.submit,
    }),
    ...createProviderHandlers({
      ...{ registry, audit: store.audit, sealing, rules, makeTransport, now, newName: newToken },
      waitUntilApplied: delivery.settled,
    }),
    ...createKeyHandlers({ registry, random, now, newName: newToken }),
    ...createAccountHandlers({
      ...{ registry, sealing, random, now },
      allowsWebhookTo: host => isListedHost(config.webhooks.allowHosts, host),
    }),
    ...createSecretHandlers({ registry, audit: store.audit, sealing, secretKeys, random, now }),
    ...createReportHandlers({ store, health: delivery.health, now }),
    ...createPeopleHandlers(resources, dependencies),
    ...createDirectHandlers(resources, known),
    ...tempMail.handlers,
  };
}

/** Users and their sessions in the dashboard. */
function createPeopleHandlers(
  { config, store, sessions, loginLimiter }: Resources,
  { authenticate }: ServerDependencies,
) {
  const { registry } = store;
  const { development } = config;
  const passwords = createPasswords(random);
  return {
    ...createSessionHandlers({
      sessions,
      registry,
      authenticate,
      passwords,
      loginLimiter,
      development,
    }),
    ...createUserHandlers({ registry, audit: store.audit, passwords, now }),
  };
}

/** Mail that goes directly to the server that the caller names. */
function createDirectHandlers(
  { config, store, log }: Resources,
  known: KnownServers,
): Pick<Handlers, 'sendDirect'> {
  return createDirectSendHandlers({
    ...{ config, known, now, history: store.history, newToken, hostName: hostname() },
    onEventLost: error =>
      log.logger.error({ err: error }, 'the event of a direct attempt could not be stored'),
  });
}

/** Everything that the HTTP server needs. */
export async function createHttpContext(
  resources: Resources,
  dependencies: ServerDependencies,
): Promise<HttpContext> {
  const { config, keyring, sessions, leaseRenewal, metrics, log, loginLimiter } = resources;
  const { tempMail, authenticate } = dependencies;
  const rules = createCallerRules(config.http);
  const known = createKnownServers(config.smtpMailer.servers);
  return {
    dialects: await servedDialects(resources, tempMail, known),
    operations: createHandlers(resources, dependencies, known),
    authenticate: ({ key, user }, address) =>
      authenticate(user === undefined ? { key } : { key, user }, address),
    sessionOf: sessions.authenticate,
    addressOf: tempMail.addressOf,
    isTempMailAdmin: tempMail.isAdmin,
    noteWrong: loginLimiter.recordFailure,
    keyless: facts => (rules.isKeyless(facts) ? keyring.keyless(config.powermta.account) : undefined),
    isKeyless: rules.isKeyless,
    clientAddress: facts => rules.clientAddress(facts),
    isSecure: rules.isSecure,
    isReady: () => leaseRenewal.isFresh(),
    metrics: () => metrics.text(),
    observe: ({ dialect, status, durationMs }) => metrics.answered(dialect, status, durationMs),
    now,
    log: log.logger,
    version: VERSION,
    limits: config.http,
  };
}

/** The dialects that the configuration names, and always `/v1`. All dialects if it names none. */
async function servedDialects(
  { config, store }: Resources,
  tempMail: TempMail,
  known: KnownServers,
): Promise<readonly Dialect[]> {
  const providers = config.development ? await store.registry.list('provider') : [];
  const inbox = providers.find(provider => provider.kind === 'capture');
  const { isSitePassword } = tempMail;
  const all = createDialects({
    ...(inbox && { inbox: inbox.id }),
    ...(isSitePassword && { isSitePassword }),
    v1ErrorStatus: config.turbosmtp.v1ErrorStatus,
    findServer: known.findByDomain,
  });
  const served = new Set([...config.http.apis, 'v1']);
  return config.http.apis.length === 0 ? all : all.filter(({ name }) => served.has(name));
}
