import { type Route, route } from '../../dialect.ts';
import { json } from '../../json-reply.ts';
import { isObject, parseJson, refuseBody } from './json-body.ts';
import { readId } from './path-id.ts';
import { PROVIDER_SCHEMA, PROVIDER_SETTINGS_SCHEMA } from './provider-schemas.ts';
import { compileShape } from './shape.ts';
import { sayProvider } from './views.ts';

const tag = 'Providers';

const SHAPE = compileShape(PROVIDER_SETTINGS_SCHEMA);
const ONE = { 200: { description: 'The provider', schema: PROVIDER_SCHEMA } };

/** The ways out, managed. */
export const providerRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/providers',
    access: 'oversee',
    operation: 'providers',
    parse: () => ({}),
    reply: providers => json(200, { providers: providers.map(sayProvider) }),
    description: { tag, summary: 'All providers', replies: { 200: { description: '`{providers}`' } } },
  }),
  route({
    method: 'POST',
    path: '/v1/providers',
    access: 'manage',
    operation: 'addProvider',
    parse: request => SHAPE.read(withoutNulls(parseJson(request.body))),
    reply: provider => json(201, sayProvider(provider), { location: `/v1/providers/${provider.id}` }),
    description: {
      tag,
      summary: 'Add a provider',
      body: PROVIDER_SETTINGS_SCHEMA,
      replies: { 201: { description: 'The provider', schema: PROVIDER_SCHEMA } },
    },
  }),
  route({
    method: 'GET',
    path: '/v1/providers/:id',
    access: 'oversee',
    operation: 'provider',
    parse: request => ({ id: readId(request, 'provider') }),
    reply: provider => json(200, sayProvider(provider)),
    description: { tag, summary: 'One provider', replies: ONE },
  }),
  route({
    method: 'PATCH',
    path: '/v1/providers/:id',
    access: 'manage',
    operation: 'changeProvider',
    parse: request => ({
      id: readId(request, 'provider'),
      settings: SHAPE.read(withoutNulls(parseJson(request.body))),
    }),
    reply: provider => json(200, sayProvider(provider)),
    description: {
      tag,
      summary: 'Change a provider; takes effect with the next attempt',
      body: PROVIDER_SETTINGS_SCHEMA,
      replies: ONE,
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/providers/:id',
    access: 'manage',
    operation: 'removeProvider',
    parse: request => ({ id: readId(request, 'provider') }),
    reply: () => ({ status: 204 }),
    description: {
      tag,
      summary: 'Remove a provider; its mail takes another route or waits',
      replies: { 204: { description: 'Removed' } },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/providers/:id/check',
    access: 'operate',
    operation: 'checkProvider',
    parse: request => {
      refuseBody(request.body);
      return { id: readId(request, 'provider') };
    },
    reply: report => json(200, report),
    description: {
      tag,
      summary: 'Try a provider up to the point of sending, in at most 10 seconds',
      replies: {
        200: { description: '`{ok, stages}`: the last stage is the failed one when `ok` is false' },
      },
    },
  }),
];

const NULLABLE = ['caption', 'caPem', 'maxPerSecond', 'maxPerMinute', 'maxPerHour', 'maxPerDay'];

/** Null means absent, except where it is how a value is taken away. '' is a value here: no user name, no default sender. */
function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value;
  const isGiven = ([name, given]: [string, unknown]) => given !== null || NULLABLE.includes(name);
  return Object.fromEntries(Object.entries(value).filter(isGiven));
}
