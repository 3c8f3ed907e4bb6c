import { onTestFinished } from 'vitest';
import { developmentConfig, loadConfig } from '../../../src/config/config.ts';
import type { Config } from '../../../src/config/config-schema.ts';
import type { Event } from '../../../src/core/event.ts';
import { smtpMailer } from '../../../src/dialects/smtp-mailer/smtp-mailer.ts';
import { createHttpServer } from '../../../src/http/http.ts';
import type { Handlers } from '../../../src/operations/operations.ts';
import {
  createDirectSendHandlers,
  type DirectSendContext,
} from '../../../src/services/direct-send/direct-send.ts';
import { createKnownServers } from '../../../src/services/direct-send/known-servers.ts';
import { suiteContext } from '../../suites/dialect.ts';
import { createHarness } from './engine.ts';

/** A gate that speaks nothing but `/api/smtp`, on a free port, with a store of its own. */
export interface MailerRig {
  readonly url: string;
  /** A POST with settings in headers, which name `server` and let the rest be good. */
  post(headers: Readonly<Record<string, string>>, body?: object, signal?: AbortSignal): Promise<MailerAnswer>;
  /** The events there are, oldest first. */
  events(): Promise<readonly Event[]>;
}

export interface MailerAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: MailerBody;
  readonly ms: number;
}

/** What a client may find in a reply. */
export interface MailerBody {
  readonly message: string;
  readonly code?: string;
  readonly response?: string;
  readonly info?: {
    readonly accepted: readonly string[];
    readonly rejected: readonly string[];
    readonly envelopeTime: number;
    readonly messageTime: number;
    readonly envelope: { readonly to: readonly string[] };
  };
}

export interface MailerRigOptions extends Partial<Pick<DirectSendContext, 'resolve' | 'caPem' | 'timeouts'>> {
  /** Settings by path; absent: those of development mode. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** What is sent unless a test says otherwise. */
export const MAIL = { from: 'a@b.c', to: 'd@e.f', subject: 'Test API', text: 'Hello' };

/** Starts a gate; it ends with the test. */
export async function startMailer({ settings, ...options }: MailerRigOptions = {}): Promise<MailerRig> {
  const config = settings === undefined ? developmentConfig({}) : loadConfig({ settings });
  const harness = await createHarness();
  const store = await harness.open({ now: Date.now, maxQueued: 1_000 });
  const known = createKnownServers(config.smtpMailer.servers);
  const direct = createDirectSendHandlers({ ...fixed(config), known, history: store.history, ...options });
  const dialect = smtpMailer(known.findByDomain);
  const server = createHttpServer(suiteContext([dialect], direct as Handlers));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await server.close(0);
    await store.close();
    await harness.remove();
  });
  const url = `http://127.0.0.1:${port}/api/smtp`;
  return {
    url,
    post: (headers, body = MAIL, signal) => post(url, headers, body, signal),
    events: () => store.history.events({ after: '0', limit: 100 }),
  };
}

function fixed(config: Config) {
  return {
    config,
    hostName: 'gate.test',
    newToken: () => 'token123',
    now: Date.now,
    onEventLost(error: unknown) {
      throw error;
    },
  };
}

async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: object,
  signal?: AbortSignal,
): Promise<MailerAnswer> {
  const defaults = { port: '25', secure: 'false', email: 'a@b.c', password: 'secret' };
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...defaults, ...headers },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  const text = await response.text();
  const ms = performance.now() - startedAt;
  return { status: response.status, headers: response.headers, body: JSON.parse(text) as MailerBody, ms };
}
