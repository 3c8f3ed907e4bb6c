import { setTimeout as delay } from 'node:timers/promises';
import { createAuthenticate } from '../auth/authenticate.ts';
import type { Config } from '../config/config-schema.ts';
import { createIdleDelivery, type Delivery } from '../delivery/delivery.ts';
import { createHttpServer, type HttpServer } from '../http/http.ts';
import { VERSION } from '../process/version.ts';
import type { TempMail } from '../services/temp-mail/temp-mail.ts';
import type { SmtpServer } from '../smtp-server/smtp-server.ts';
import type { Submit } from '../submit/submit.ts';
import type { Periodic } from '../upkeep/periodic.ts';
import { startUpkeep } from '../upkeep/start-upkeep.ts';
import { type BackgroundJobs, startBackgroundJobs } from './background-jobs.ts';
import { connectDelivery, connectSubmit, upkeepOptions } from './connect-delivery.ts';
import { createHttpContext } from './connect-http.ts';
import { connectSmtp } from './connect-smtp.ts';
import { connectTempMail } from './connect-temp-mail.ts';
import { type Gate, type RunningGate, startWithRejoin } from './rejoin.ts';
import { openResources, type Resources, type StartOptions } from './resources.ts';

/** Starts a gate. If it loses its lease, it starts again as a new incarnation. */
export function start(config: Config, options: StartOptions): Promise<Gate> {
  return startWithRejoin(config, again => startIncarnation(again, options));
}

/** The parts of one incarnation. */
interface Parts {
  readonly resources: Resources;
  readonly delivery: Delivery;
  /** Absent: the gate does not deliver. */
  readonly upkeep: Periodic | undefined;
  readonly submit: Submit;
  readonly tempMail: TempMail;
  readonly http: HttpServer;
  /** Absent: the gate does not listen, or SMTP is disabled. */
  readonly smtp: SmtpServer | undefined;
}

type Endpoints = Pick<Gate, 'http' | 'smtp'>;

/** Connects the parts and starts them. If a start fails, it stops what was started. */
async function startIncarnation(config: Config, options: StartOptions): Promise<RunningGate> {
  const parts = await connectParts(config, options);
  const { lost } = parts.resources.leaseRenewal;
  let background: BackgroundJobs | undefined;
  let isListening = false;
  const stop = () => stopParts(parts, { background, isListening });
  logLostLease(parts.resources);
  try {
    if (options.delivers) background = await startBackgroundJobs(parts.resources, parts.submit);
    const endpoints = options.listens ? await listen(parts) : { smtp: [] };
    isListening = options.listens;
    return { ...endpoints, inject: parts.http.inject, lost, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function connectParts(config: Config, options: StartOptions): Promise<Parts> {
  const resources = await openResources(config, options);
  const delivery = await (options.delivers
    ? connectDelivery(resources)
    : createIdleDelivery(resources.store));
  const upkeep = options.delivers ? startUpkeep(upkeepOptions(resources)) : undefined;
  const submit = connectSubmit(resources, delivery);
  const tempMail = connectTempMail(resources, { submit, delivery });
  const authenticate = createAuthenticate(resources);
  const dependencies = { submit, delivery, tempMail, authenticate };
  const http = createHttpServer(await createHttpContext(resources, dependencies));
  const smtp = options.listens ? connectSmtp(resources, dependencies) : undefined;
  return { resources, delivery, upkeep, submit, tempMail, http, smtp };
}

function logLostLease({ leaseRenewal, log }: Resources): void {
  void leaseRenewal.lost.then(() => {
    log.logger.error('the lease of this gate ran out and other gates took over its mail: it starts again');
  });
}

/** Opens the HTTP port first: if it fails, no SMTP port is left open. */
async function listen({ resources: { config, log }, http, smtp }: Parts): Promise<Endpoints> {
  const httpAt = await http.listen(config.http);
  const smtpAt = (await smtp?.listen()) ?? [];
  log.logger.info({ http: httpAt, smtp: smtpAt, version: VERSION }, 'listening');
  return { http: httpAt, smtp: smtpAt };
}

/** Stops the ways in, delivery and the periodic jobs together, then closes what they share. */
async function stopParts(
  { resources, delivery, upkeep, tempMail, http, smtp }: Parts,
  { background, isListening }: { background: BackgroundJobs | undefined; isListening: boolean },
): Promise<void> {
  const { config, keyring, sessions, leaseRenewal, store, log } = resources;
  const { graceMs } = config.delivery;
  if (isListening) {
    http.drain();
    await delay(config.http.drainMs);
  }
  await Promise.all([
    ...[http.close(graceMs), smtp?.close(graceMs)],
    ...[background?.stop(), delivery.stop(graceMs), upkeep?.stop()],
  ]);
  tempMail.close();
  sessions.close();
  keyring.close();
  await leaseRenewal.stop({ leave: true });
  await store.close();
  log.close();
}
