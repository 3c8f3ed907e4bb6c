import { createHmac, randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createBackoff } from '../../../src/auth/backoff.ts';
import { createLoginLimiter } from '../../../src/auth/login-limiter.ts';
import { newAccount, type Principal } from '../../../src/core/account.ts';
import { type Address, parseAddress } from '../../../src/core/address.ts';
import { createIds } from '../../../src/core/id.ts';
import type { Reply } from '../../../src/core/outcome.ts';
import type { CaptureProvider } from '../../../src/core/provider.ts';
import { tempMail as createDialect } from '../../../src/dialects/temp-mail/temp-mail.ts';
import { createHttpServer } from '../../../src/http/http.ts';
import type { Handlers } from '../../../src/operations/operations.ts';
import {
  createTempMail,
  type TempMail,
  type TempMailConfig,
} from '../../../src/services/temp-mail/temp-mail.ts';
import type { Finish, NewMessage, Store } from '../../../src/store/store.ts';
import { createSubmit, type Submit } from '../../../src/submit/submit.ts';
import { suiteContext } from '../../suites/dialect.ts';
import { CAPTURE } from '../stores/records.ts';
import { createSqliteHarness } from '../stores/store-sqlite.ts';

export const SECRET = 'the secret of this test';
export const DOMAIN = 'temp-mail.test';
export const ADMIN = { 'x-admin-auth': 'open sesame' };

/** What the first attempt at a message comes to; the signal says that nobody waits any more. */
export type FirstAttempt = (id: string, signal: AbortSignal) => Promise<Finish | 'queued'>;

export interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer as it came: a text is compared to the last byte. */
export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Temp-mail behind its HTTP server and in front of a real store, with a clock that the test moves. */
export interface TempMailRig {
  readonly store: Store;
  readonly tempMail: TempMail;
  /** Everything that was accepted. */
  readonly accepted: NewMessage[];
  /** `at` is the method and the URL. */
  ask(at: string, asked?: Asked): Promise<Answered>;
  /** A new address and the header that says whose it is. */
  open(
    name?: string,
  ): Promise<{ address: Address; id: number; jwt: string; headers: Record<string, string> }>;
  balanceOf(address: Address): Promise<number | undefined>;
  firstAttempt(attempt: FirstAttempt): void;
  now(): number;
  advance(ms: number): void;
}

export interface RigSettings {
  readonly config?: Partial<TempMailConfig>;
  readonly isDevelopment?: boolean;
  readonly exemptsLoopback?: boolean;
  /** Of header From that the one provider serves; absent: all. */
  readonly senderDomains?: readonly string[];
  readonly allowedSenders?: readonly string[];
  readonly isAccountEnabled?: boolean;
}

const CONFIG: TempMailConfig = {
  domains: [DOMAIN, 'other.test'],
  jwtSecret: SECRET,
  adminPasswords: ['another', ADMIN['x-admin-auth']],
  userCreation: true,
  addressPasswords: false,
  prefix: '',
  namePattern: '[^a-z0-9]',
  minNameLength: 1,
  maxNameLength: 30,
  defaultBalance: 10,
  waitMs: 10_000,
};

const PROVIDER: CaptureProvider = { id: 1, ...CAPTURE };

const HOUR = 3_600_000;

/** The last hour of a month, which is the last of a day. */
const START = Date.UTC(2030, 0, 31, 23);

/** A rig that ends with the test. */
export async function startTempMail(settings: RigSettings = {}): Promise<TempMailRig> {
  let clock = START;
  const now = () => clock;
  let attempt: FirstAttempt = async () => 'queued';
  const accepted: NewMessage[] = [];
  const harness = await createSqliteHarness();
  const store = await harness.open({ now, maxQueued: 1_000 });
  const providers = () => [{ ...PROVIDER, senderDomains: settings.senderDomains ?? [] }];
  const submit = wayIn(store, {
    now,
    providers,
    firstAttempt: (id, signal) => attempt(id, signal),
    onAccepted: message => accepted.push(message),
  });
  const tempMail = createTempMail({
    config: { ...CONFIG, ...settings.config },
    isDevelopment: settings.isDevelopment ?? false,
    store,
    submit,
    principal: async () => principalOf(settings),
    providers,
    loginLimiter: createLoginLimiter({
      backoff: createBackoff(),
      exemptsLoopback: settings.exemptsLoopback ?? true,
      now,
    }),
    smtp: { host: 'localhost', port: 8025, starttls: false },
    random: randomBytes,
    now,
  });
  const server = serve(tempMail, now);
  onTestFinished(async () => {
    tempMail.close();
    await server.close(0);
    await store.close();
    await harness.remove();
  });

  async function ask(at: string, { body, headers = {} }: Asked = {}): Promise<Answered> {
    const [method, url = ''] = at.split(' ');
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await server.inject({
      method: method as 'GET',
      url,
      headers,
      ...(payload !== undefined && { payload }),
    });
    return { status: answer.statusCode, type: String(answer.headers['content-type']), body: answer.body };
  }

  return {
    ...{ store, tempMail, accepted, ask, now },
    async open(name = 'probe') {
      const { body } = await ask('POST /api/new_address', { body: { name } });
      const made = JSON.parse(body) as { jwt: string; address: string; address_id: number };
      const headers = { authorization: `Bearer ${made.jwt}` };
      return { address: addressOf(made.address), id: made.address_id, jwt: made.jwt, headers };
    },
    balanceOf: async address => (await store.addresses.balance(address))?.balance,
    firstAttempt(next) {
      attempt = next;
    },
    advance(ms) {
      clock += ms;
    },
  };
}

/** A first attempt that a far end refused for good, or put off. */
export function answeredBy(reply: Reply): FirstAttempt {
  const isFinal = reply.code >= 500;
  return async (id): Promise<Finish> => ({
    id,
    account: 1,
    lease: 1,
    at: START,
    attempts: [],
    results: [
      {
        index: 0,
        state: isFinal ? 'bounced' : 'deferred',
        outcome: isFinal
          ? { kind: 'reject', by: 'far-end', elsewhere: false, reply }
          : { kind: 'retry', where: 'later', reply },
      },
    ],
    lane: 1,
  });
}

/** A JWT by nothing but an HMAC. */
export function signJwt(
  payload: object,
  { secret = SECRET, header = { alg: 'HS256', typ: 'JWT' } } = {},
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** An address that is one. */
export function addressOf(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

function wayIn(
  store: Store,
  given: Pick<Parameters<typeof createSubmit>[0], 'now' | 'providers' | 'onAccepted'> & {
    firstAttempt: FirstAttempt;
  },
): Submit {
  const { now, providers, onAccepted, firstAttempt } = given;
  return createSubmit({
    store,
    // Nothing is delivered here; what a first attempt comes to is for the test to say.
    delivery: {
      reserve: () => false,
      deliver: () => {},
      release: () => {},
      noteStored: () => {},
      firstOutcome: firstAttempt,
    },
    lease: 1,
    providers,
    policy: {
      maxRecipients: 100,
      maxMessageBytes: 1024 * 1024,
      expiryMs: HOUR,
      maxExpiryMs: HOUR,
      maxScheduleMs: 0,
    },
    newId: createIds(1, now),
    newToken: () => randomBytes(10).toString('hex'),
    now,
    onAccepted,
  });
}

function principalOf(settings: RigSettings): Principal | undefined {
  if (settings.isAccountEnabled === false) return undefined;
  const allowedSenders = settings.allowedSenders ?? ['*'];
  const account = newAccount({ id: 1, name: 'default', allowedSenders, createdAt: 0 });
  return { account, scopes: ['send'], by: 'keyless' };
}

function serve(tempMail: TempMail, now: () => number) {
  const { isSitePassword } = tempMail;
  const dialect = createDialect(isSitePassword && { isSitePassword });
  // Of all operations this API uses its own.
  const context = suiteContext([dialect], tempMail.handlers as Partial<Handlers> as Handlers);
  const { addressOf, isAdmin } = tempMail;
  return createHttpServer({ ...context, addressOf, isTempMailAdmin: isAdmin, now });
}
