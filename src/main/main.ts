import { setTimeout as delay } from 'node:timers/promises';
import { createAuthenticate } from '../auth/authenticate.ts';
import type { Config } from '../config/config-schema.ts';
import { createIdleDelivery } from '../delivery/delivery.ts';
import { createHttpServer } from '../http/http.ts';
import { VERSION } from '../process/version.ts';
import { startUpkeep } from '../upkeep/start-upkeep.ts';
import { type BackgroundJobs, startBackground } from './background-jobs.ts';
import { deliver, openWayIn, upkeepOptions } from './connect-delivery.ts';
import { httpContext } from './connect-http.ts';
import { smtpServer } from './connect-smtp.ts';
import { joinTempMail } from './connect-temp-mail.ts';
import { type Gate, type RunningGate, startLasting } from './rejoin.ts';
import { layFoundation, type StartOptions } from './resources.ts';

/** Starts a gate, which begins anew whenever it has lost its lease. */
export function start(config: Config, options: StartOptions): Promise<Gate> {
  return startLasting(config, again => startIncarnation(again, options));
}

/** Builds the gate from its parts and starts it; what fails on the way is closed again. */
async function startIncarnation(config: Config, options: StartOptions): Promise<RunningGate> {
  const foundation = await layFoundation(config, options);
  const { store, keeper, keyring, sessions, attempts, log } = foundation;
  const delivery = await (options.delivers ? deliver(foundation) : createIdleDelivery(store));
  const upkeep = options.delivers ? startUpkeep(upkeepOptions(foundation)) : undefined;
  const submit = openWayIn(foundation, delivery);
  const tempMail = joinTempMail(foundation, { submit, delivery, attempts });
  const authenticate = createAuthenticate({ keyring, attempts });
  const behind = { submit, delivery, tempMail, authenticate };
  const http = createHttpServer(await httpContext(foundation, behind));
  const smtp = options.listens ? smtpServer(foundation, behind) : undefined;
  let background: BackgroundJobs | undefined;
  let isListening = false;
  void keeper.lost.then(() => {
    log.logger.error('other gates took over the mail of this one, which was out of touch: it begins anew');
  });

  async function stop(): Promise<void> {
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
    await keeper.stop({ leave: true });
    await store.close();
    log.close();
  }

  try {
    if (options.delivers) background = await startBackground(foundation, submit);
    if (!options.listens) return { smtp: [], inject: http.inject, lost: keeper.lost, stop };
    // One after the other: were both under way, the one that fails would leave the other to listen after the stop.
    const httpAt = await http.listen(config.http);
    const smtpAt = (await smtp?.listen()) ?? [];
    isListening = true;
    log.logger.info({ http: httpAt, smtp: smtpAt, version: VERSION }, 'listening');
    return { http: httpAt, smtp: smtpAt, inject: http.inject, lost: keeper.lost, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
