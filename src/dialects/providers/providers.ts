import { AppError } from '../../core/errors.ts';
import { keyOfAuthorization } from '../authorization.ts';
import { type Dialect, type DialectRequest, type Route, type RouteOf, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { checkReply, sayError } from './error-reply.ts';
import { pageOf, readListQuery } from './provider-list.ts';
import { toProviderObject } from './provider-object.ts';
import { readChange, readNewProvider } from './provider-settings.ts';
import { CHANGE_SCHEMA, ERROR_SCHEMA, NEW_PROVIDER_SCHEMA, PROVIDER_SCHEMA } from './schema.ts';

const ROOT = '/api/v2/mail/providers';
const ONE = `${ROOT}/:id`;
const tag = 'SMTP service providers';
const REPLIES = { 200: { description: 'The provider', schema: PROVIDER_SCHEMA } };

/** The SMTP service providers of the B2Core Back Office API v2. */
export const providers: Dialect = {
  name: 'providers',
  owns: path => path === ROOT || path.startsWith(`${ROOT}/`),
  routes: [list(), one(), status(), create(), change('PATCH'), change('PUT'), remove()],
  allowsKeyless: false,
  accessOfUnrouted: () => 'manage',
  credential: request => keyOfAuthorization(request.headers['authorization']),
  errorSchema: ERROR_SCHEMA,
  sayError,
};

function list(): Route {
  return route({
    method: 'GET',
    path: ROOT,
    access: 'manage',
    operation: 'providers',
    parse: ({ query }) => {
      readListQuery(query);
      return {};
    },
    reply: (all, { query }) => {
      const { items, total } = pageOf(all, readListQuery(query));
      return json(200, items, { 'x-total-count': String(total) });
    },
    description: {
      tag,
      summary: 'Get a list of SMTP service providers',
      query: {
        limit: '1 to 100; absent: 20',
        offset: 'Number of providers to skip',
        sort_by: 'A field of the provider; absent: `id`',
        sort_order: '`asc` or `desc`',
        'filter[isEnabled]': '`1` or `0`',
      },
      replies: {
        200: {
          description: 'An array of providers; `X-Total-Count` is the number of all matching providers',
        },
      },
    },
  });
}

function one(): Route {
  return route({
    method: 'GET',
    path: ONE,
    access: 'manage',
    operation: 'provider',
    parse: request => ({ id: toId(request) }),
    reply: provider => json(200, toProviderObject(provider)),
    description: { tag, summary: 'Get SMTP service provider details', replies: REPLIES },
  });
}

function status(): Route {
  return route({
    method: 'GET',
    path: `${ONE}/status`,
    access: 'manage',
    operation: 'checkProvider',
    parse: request => ({ id: toId(request) }),
    reply: checkReply,
    description: {
      tag,
      summary: 'Validate an SMTP service provider connection, in at most 10 seconds',
      replies: {
        204: { description: 'The settings are valid' },
        400: { description: '`{message, stage}`: the stage that failed, and the reason' },
      },
    },
  });
}

function create(): Route {
  return route({
    method: 'POST',
    path: ROOT,
    access: 'manage',
    operation: 'addProvider',
    parse: ({ body }) => readNewProvider(body),
    reply: provider => json(201, toProviderObject(provider)),
    description: {
      tag,
      summary: 'Configure a new SMTP service provider connection',
      body: NEW_PROVIDER_SCHEMA,
      replies: { 201: { description: 'The provider', schema: PROVIDER_SCHEMA } },
    },
  });
}

function change(method: RouteOf<'changeProvider'>['method']): Route {
  return route({
    method,
    path: ONE,
    access: 'manage',
    operation: 'changeProvider',
    parse: request => ({ id: toId(request), settings: readChange(request.body) }),
    reply: provider => json(200, toProviderObject(provider)),
    description: {
      tag,
      summary: 'Update an SMTP service provider connection',
      body: CHANGE_SCHEMA,
      replies: REPLIES,
    },
  });
}

function remove(): Route {
  return route({
    method: 'DELETE',
    path: ONE,
    access: 'manage',
    operation: 'removeProvider',
    // If two clients remove a provider, both succeed.
    parse: request => ({ id: toId(request), mayBeGone: true }),
    reply: () => ({ status: 204 }),
    description: {
      tag,
      summary: 'Delete an SMTP service provider; its mail goes to another provider or waits',
      replies: { 204: { description: 'The provider is deleted' } },
    },
  });
}

function toId({ params }: DialectRequest): number {
  const text = params['id'] ?? '';
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new AppError('not_found', 'There is no such provider.');
  return Number(text);
}
