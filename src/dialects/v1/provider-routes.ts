import { type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { parseJson } from './json-body.ts';
import { readId } from './path-id.ts';
import { PROVIDER_SCHEMA, PROVIDER_SETTINGS_SCHEMA, readProviderSettings } from './provider-schemas.ts';
import { sayProvider } from './views.ts';

const tag = 'Providers';

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
    parse: request => readProviderSettings(parseJson(request.body)),
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
      settings: readProviderSettings(parseJson(request.body)),
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
];
