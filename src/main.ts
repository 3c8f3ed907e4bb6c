import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { createAuthenticate } from './accounts/authenticate.ts';
import type { Config } from './config.ts';
import { standStill } from './delivery/start-delivery.ts';
import { createHttpServer, type Endpoint } from './intake/http/server.ts';
import { type Background, startBackground } from './main/background.ts';
import { deliver, openWayIn, upkeepOptions } from './main/delivering.ts';
import { layFoundation, type StartOptions } from './main/foundation.ts';
import { httpContext } from './main/http.ts';
import { smtpServer } from './main/smtp.ts';
import { joinTempMail } from './main/temp-mail.ts';
import { startUpkeep } from './upkeep/start-upkeep.ts';
import { VERSION } from './version.ts';

export type { StartOptions } from './main/foundation.ts';

/** A gate: every part of it built and joined. */
export interface Gate {
  /** Where it listens; absent when it does not. */
  readonly http?: Endpoint;
  /** One for each SMTP listener; empty when there is none. */
  readonly smtp: readonly Endpoint[];
  /** Answers a request as if it had come over HTTP. */
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
  /** Takes nothing more, lets what is under way end within the configured grace, then closes everything. */
  stop(): Promise<void>;
}

/** Builds the gate from its parts and starts it; what fails on the way is closed again. */
export async function start(config: Config, options: StartOptions): Promise<Gate> {
  const foundation = await layFoundation(config, options);
  const { store, keeper, keyring, sessions, attempts, log } = foundation;
  const delivery = await (options.delivers ? deliver(foundation) : standStill(store));
  const upkeep = options.delivers ? startUpkeep(upkeepOptions(foundation)) : undefined;
  const submit = openWayIn(foundation, delivery);
  const tempMail = joinTempMail(foundation, { submit, delivery, attempts });
  const authenticate = createAuthenticate({ keyring, attempts });
  const behind = { submit, delivery, tempMail, authenticate };
  const http = createHttpServer(await httpContext(foundation, behind));
  const smtp = options.listens ? smtpServer(foundation, behind) : undefined;
  let background: Background | undefined;

  async function stop(): Promise<void> {
    const { graceMs } = config.delivery;
    await Promise.all([
      ...[http.close(graceMs), smtp?.close(graceMs)],
      ...[background?.stop(), delivery.stop(graceMs), upkeep?.stop()],
    ]);
    tempMail.close();
    sessions.close();
    keyring.close();
    await keeper.stop({ leave: true });
    await store.close();
    log.close();
  }

  try {
    if (options.delivers) background = await startBackground(foundation, submit);
    if (!options.listens) return { smtp: [], inject: http.inject, stop };
    // One after the other: were both under way, the one that fails would leave the other to listen after the stop.
    const httpAt = await http.listen(config.http);
    const smtpAt = (await smtp?.listen()) ?? [];
    log.logger.info({ http: httpAt, smtp: smtpAt, version: VERSION }, 'listening');
    return { http: httpAt, smtp: smtpAt, inject: http.inject, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
