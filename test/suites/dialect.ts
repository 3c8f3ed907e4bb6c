import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newAccount } from '../../src/core/account.ts';
import { parseAddress } from '../../src/core/address.ts';
import { AppError, type ErrorCode } from '../../src/core/errors.ts';
import type { MailAddress } from '../../src/core/temp-mail.ts';
import type { Dialect, DialectReply, DialectRequest, Route } from '../../src/dialects/dialect.ts';
import { createCallerRules } from '../../src/http/caller-rules.ts';
import { createHttpServer, type HttpServer } from '../../src/http/http.ts';
import type { HttpContext } from '../../src/http/http-context.ts';
import type { Access } from '../../src/operations/operation.ts';
import type { Handlers, Operations } from '../../src/operations/operations.ts';

/** The key that the suite's gate knows; requests of golden cases carry it unless they say otherwise. */
export const GOOD_KEY = 'pk_1_good';
/** The session of an administrator that it knows. */
export const GOOD_SESSION = 'ps_1_good';
/** The token of a temp-mail address, and the admin password of temp-mail, that it knows. */
export const GOOD_TOKEN = 'good.token.here';
export const GOOD_PASSWORD = 'good password';

/** A request, what the gate is asked for and answers, and the reply to the last byte. */
export interface GoldenCase {
  readonly name: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    /** Added to those of the suite, which are `authorization: Bearer GOOD_KEY` if not given; '' takes a header away. */
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Buffer;
  };
  /** The operation that is asked for, with what; absent: the request is refused before. */
  readonly asks?: {
    [K in keyof Operations]: { operation: K; input: Operations[K]['input'] };
  }[keyof Operations];
  /** What the operation gives; an AppError is what it throws. */
  readonly output?: unknown;
  readonly reply: {
    readonly status: number;
    /** All of them, but for Date and those of the connection. */
    readonly headers: Readonly<Record<string, string>>;
    /** An object is compared as JSON. */
    readonly body: string | Buffer | object;
  };
}

// A record, so that the compiler finds a code that is missing.
const CODES: Readonly<Record<ErrorCode, true>> = {
  malformed: true,
  invalid: true,
  unauthenticated: true,
  account_inactive: true,
  forbidden: true,
  sender_not_allowed: true,
  not_found: true,
  method_not_allowed: true,
  conflict: true,
  gone: true,
  too_large: true,
  too_many_recipients: true,
  all_suppressed: true,
  unsupported: true,
  rate_limited: true,
  unavailable: true,
  internal: true,
};

const ERROR_CODES = Object.keys(CODES) as ErrorCode[];

/** What every dialect must do. */
export function describeDialect(
  dialect: Dialect,
  cases: readonly GoldenCase[],
  suiteHeaders: Readonly<Record<string, string>> = { authorization: `Bearer ${GOOD_KEY}` },
): void {
  describe(`the dialect ${dialect.name}`, () => {
    describeGolden(dialect, cases, suiteHeaders);
    describeAccess(dialect, cases, suiteHeaders);
    describeErrors(dialect);
    describeArbitraryInput(dialect, cases);
  });
}

function describeGolden(
  dialect: Dialect,
  cases: readonly GoldenCase[],
  suiteHeaders: Readonly<Record<string, string>>,
): void {
  // Not test.each: Vitest cuts the names that it fills in after 40 characters.
  for (const golden of cases) {
    test(golden.name, async () => {
      const gate = startSuiteGate(dialect, golden.output);
      const response = await send(gate.server, golden, suiteHeaders);
      expect(gate.asked).toEqual(golden.asks === undefined ? [] : [golden.asks]);
      expect(response.statusCode, response.body).toBe(golden.reply.status);
      expect(bodyLike(golden.reply.body, response.rawPayload)).toEqual(golden.reply.body);
      const { date: _, connection: __, ...sent } = response.headers;
      const length =
        golden.reply.status === 204 || 'transfer-encoding' in golden.reply.headers
          ? {}
          : { 'content-length': String(response.rawPayload.length) };
      expect(sent).toEqual({ ...length, ...golden.reply.headers });
    });
  }

  test.each(dialect.routes)('$method $path has a golden case that succeeds', ({ method, path }) => {
    expect(cases.filter(golden => isGoodCaseOf({ method, path }, golden))).not.toEqual([]);
  });
}

function isGoodCaseOf(route: Pick<Route, 'method' | 'path'>, { request, reply }: GoldenCase): boolean {
  const pattern = new RegExp(`^${route.path.replace(/:\w+/g, '[^/]+')}$`);
  return (
    request.method === route.method && pattern.test(request.url.split('?')[0] ?? '') && reply.status < 300
  );
}

function send(
  server: HttpServer,
  { request: { method, url, headers, body } }: GoldenCase,
  suiteHeaders: Readonly<Record<string, string>>,
): ReturnType<HttpServer['inject']> {
  const given: Record<string, string> = { ...suiteHeaders, ...headers };
  return server.inject({
    // The router takes more methods than the type of inject knows.
    method: method as 'GET',
    url,
    headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
    ...(body !== undefined && { payload: body }),
  });
}

/** Sends the golden case of each route that succeeds: to a gate that knows its credential, and to one that knows none. */
function describeAccess(
  dialect: Dialect,
  cases: readonly GoldenCase[],
  suiteHeaders: Readonly<Record<string, string>>,
): void {
  test.each(dialect.routes)('$method $path requires $access', async route => {
    const golden = cases.find(one => isGoodCaseOf(route, one));
    if (golden === undefined) throw new Error('The route has no golden case that succeeds.');
    const knowing = startSuiteGate(dialect, golden.output);
    await send(knowing.server, golden, suiteHeaders);
    expect(knowing.callers.map(kindOf)).toEqual([KIND_OF_CALLER[route.access]]);

    const unknowing = startSuiteGate(dialect, golden.output, NOBODY);
    const response = await send(unknowing.server, golden, suiteHeaders);
    if (route.access === 'anyone') expect(unknowing.callers).toHaveLength(1);
    else {
      expect(unknowing.callers).toEqual([]);
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
    }
  });
}

const KIND_OF_CALLER: Readonly<Record<Access, 'principal' | 'address' | 'temp-mail admin' | 'client'>> = {
  send: 'principal',
  read: 'principal',
  oversee: 'principal',
  operate: 'principal',
  manage: 'principal',
  address: 'address',
  'temp-mail admin': 'temp-mail admin',
  anyone: 'client',
};

function kindOf(caller: unknown): string {
  if (typeof caller !== 'object' || caller === null) return 'none';
  if ('scopes' in caller) return 'principal';
  if ('passwordHash' in caller) return 'address';
  return 'kind' in caller ? String(caller.kind) : 'client';
}

/** A gate that knows no credential and lets nobody in without one. */
const NOBODY: Partial<HttpContext> = {
  authenticate: () => undefined,
  sessionOf: async () => undefined,
  addressOf: async () => undefined,
  isTempMailAdmin: () => false,
  keyless: () => undefined,
};

function describeErrors(dialect: Dialect): void {
  const request = requestOf({ method: 'POST', path: '/' });

  test.each(ERROR_CODES)('has words for %s, and never says it with a 2xx', async code => {
    const said = dialect.sayError(new AppError(code, 'The reason why.'), request);
    expect(said.status).toBeGreaterThanOrEqual(400);
    expect(said.status).toBeLessThan(600);
    expect(String(said.body).length).toBeGreaterThan(1);
    expect(said.status >= 500).toBe(code === 'unavailable' || code === 'internal');
  });

  test('says when to come back, and which methods there are', () => {
    const headersOf = (error: AppError): DialectReply['headers'] => dialect.sayError(error, request).headers;
    for (const code of ['rate_limited', 'unavailable'] as const) {
      const error = new AppError(code, 'Later.', { retryAfterSeconds: 7 });
      expect(headersOf(error)).toMatchObject({ 'retry-after': '7' });
    }
    const error = new AppError('method_not_allowed', 'No.', { allow: ['POST', 'PUT'] });
    expect(headersOf(error)).toMatchObject({ allow: 'POST, PUT' });
  });

  test('challenges whoever it says 401 to', () => {
    for (const code of ERROR_CODES) {
      const { status, headers } = dialect.sayError(new AppError(code, 'The reason why.'), request);
      if (status === 401) expect(headers).toHaveProperty('www-authenticate');
    }
  });

  test('keeps line breaks of a sentence out of its header fields', () => {
    const said = dialect.sayError(new AppError('invalid', 'one\r\nX-Evil: two'), request);
    expect(Object.values(said.headers ?? {}).join()).not.toMatch(/[\r\n]/);
  });
}

function describeArbitraryInput(dialect: Dialect, cases: readonly GoldenCase[]): void {
  test.each(dialect.routes)(
    '$method $path: no input makes parse throw anything but an AppError',
    async route => {
      const bodies = cases.map(({ request }) => Buffer.from(request.body ?? ''));
      await fc.assert(
        fc.asyncProperty(arbitraryRequest(route, bodies), async request => {
          expect(await errorOf(() => route.parse(request))).toSatisfy(isAppErrorOrNone);
        }),
        { numRuns: 300 },
      );
    },
  );

  test('no Authorization makes credential throw anything but an AppError', async () => {
    const header = fc.oneof(
      fc.string(),
      fc.string().map(text => `Bearer ${text}`),
      fc.string().map(text => `Basic ${Buffer.from(text).toString('base64')}`),
    );
    await fc.assert(
      fc.asyncProperty(header, async authorization => {
        const request = { ...requestOf({ method: 'POST', path: '/' }), headers: { authorization } };
        expect(await errorOf(() => dialect.credential(request))).toSatisfy(isAppErrorOrNone);
      }),
    );
  });
}

function arbitraryRequest(route: Route, bodies: readonly Buffer[]): fc.Arbitrary<DialectRequest> {
  const bytes = fc.uint8Array({ maxLength: 200 }).map(part => Buffer.from(part));
  const json = fc.jsonValue({ maxDepth: 40 }).map(value => Buffer.from(JSON.stringify(value)));
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  return fc
    .record({
      body: fc.oneof(bytes, json, mutated(bodies)),
      params: fc.record(Object.fromEntries(names.map(name => [name, fc.string()]))),
      query: fc.dictionary(
        fc.constantFrom('limit', 'cursor', 'after', 'wait', 'since', 'state', 'words', 'x'),
        fc.string(),
      ),
      headers: fc.dictionary(fc.constantFrom('idempotency-key', 'accept', 'content-type'), fc.string()),
    })
    .map(({ query, ...given }) => ({
      ...requestOf(route),
      ...given,
      query: new URLSearchParams(query),
    }));
}

/** A good body with a few bytes put in, taken out or replaced. */
export function mutated(bodies: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const edit = fc.record({
    at: fc.nat(10_000),
    drop: fc.nat(3),
    insert: fc.oneof(
      fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', '0', 'null'),
      fc.string({ maxLength: 3 }),
    ),
  });
  return fc
    .tuple(fc.constantFrom(...bodies), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([body, edits]) =>
      edits.reduce((bytes, { at, drop, insert }) => {
        const start = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, start), Buffer.from(insert), bytes.subarray(start + drop)]);
      }, body),
    );
}

/** A gate with one dialect whose operations all give the same, and which notes what it was asked. */
function startSuiteGate(dialect: Dialect, output: unknown, changes: Partial<HttpContext> = {}) {
  const asked: { operation: string; input: unknown }[] = [];
  const callers: unknown[] = [];
  const answer = (operation: string) => async (caller: unknown, input: unknown) => {
    asked.push({ operation, input });
    callers.push(caller);
    if (output instanceof AppError) throw output;
    return output;
  };
  const operations = new Proxy({}, { get: (_target, operation) => answer(String(operation)) }) as Handlers;
  return { server: createHttpServer({ ...suiteContext([dialect], operations), ...changes }), asked, callers };
}

/** A context for tests of the HTTP server: one account, whose key has every scope. */
export function suiteContext(dialects: readonly Dialect[], operations: Handlers): HttpContext {
  const rules = createCallerRules({ trustedNetworks: ['127.0.0.0/8'], trustedProxies: [], hosts: [] });
  const account = newAccount({ id: 1, name: 'default', allowedSenders: ['*'], createdAt: 0 });
  return {
    dialects: [...dialects, catchAll],
    operations,
    authenticate: ({ key }) =>
      key === GOOD_KEY ? { account, scopes: ['send', 'read', 'manage'], by: 1 } : undefined,
    keyless: facts =>
      rules.isKeyless(facts) ? { account, scopes: ['send', 'read'], by: 'keyless' } : undefined,
    addressOf: async token => (token === GOOD_TOKEN ? suiteAddress() : undefined),
    isTempMailAdmin: password => password === GOOD_PASSWORD,
    noteWrong: () => {},
    sessionOf: async ({ token }) =>
      token === GOOD_SESSION ? { account, scopes: ['send', 'read', 'manage'], by: 'user ada' } : undefined,
    isKeyless: rules.isKeyless,
    clientAddress: rules.clientAddress,
    isSecure: rules.isSecure,
    isReady: () => true,
    metrics: async () => ({ contentType: 'text/plain', text: 'up 1\n' }),
    now: () => Date.UTC(2030, 0, 1),
    log: {
      error: (details, message) => {
        throw new Error(message, { cause: details });
      },
    },
    version: '0.0.0',
  };
}

/** Whose token GOOD_TOKEN is. */
function suiteAddress(): MailAddress {
  const parsed = parseAddress('someone@temp-mail.test');
  if (!parsed.ok) throw new Error(parsed.reason);
  return { id: 7, address: parsed.value, passwordHash: null, createdAt: 0 };
}

const catchAll: Dialect = {
  name: 'nobody',
  owns: () => true,
  routes: [],
  allowsKeyless: false,
  credential: () => undefined,
  sayError: error => ({ status: 404, body: `nobody: ${error.code}` }),
};

/** A request without anything in it. */
export function requestOf({ method, path }: { method: string; path: string }): DialectRequest {
  return {
    method,
    path,
    params: {},
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.alloc(0),
    at: 0,
  };
}

function bodyLike(expected: string | Buffer | object, sent: Buffer): string | Buffer | object {
  if (Buffer.isBuffer(expected)) return sent;
  return typeof expected === 'string' ? sent.toString('utf8') : JSON.parse(sent.toString('utf8'));
}

async function errorOf(action: () => unknown): Promise<unknown> {
  try {
    await action();
    return undefined;
  } catch (error) {
    return error;
  }
}

function isAppErrorOrNone(error: unknown): boolean {
  return error === undefined || error instanceof AppError;
}
