import { Type } from 'typebox';
import { type Route, route } from '../../dialect.ts';
import { json } from '../../json-reply.ts';
import { isObject, parseJson, refuseBody } from './json-body.ts';
import { readId } from './path-id.ts';
import { compileShape } from './shape.ts';
import { sayProvider } from './views.ts';

const tag = 'Providers';

const SETTINGS_SCHEMA = Type.Partial(
  Type.Object({
    kind: Type.Enum(['smtp', 'pickup', 'capture'], { description: 'Fixed once it is made; absent: smtp' }),
    caption: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
    isEnabled: Type.Boolean(),
    priority: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Lower goes first' }),
    weight: Type.Integer({
      minimum: 0,
      maximum: 1_000,
      description: 'Share of the mail among those of the same priority; 0: after them. Absent: 100',
    }),
    maxPerSecond: limit('second'),
    maxPerMinute: limit('minute'),
    maxPerHour: limit('hour'),
    maxPerDay: limit('day'),
    senderDomains: Type.Array(Type.String({ maxLength: 253 }), {
      maxItems: 1_000,
      description: 'Domains of From that it serves; empty: all',
    }),
    maxRecipientsPerMessage: Type.Integer({ minimum: 1, maximum: 10_000 }),
    sendFrom: Type.String({ maxLength: 254, description: 'Default From where a message has none' }),
    sendFromName: Type.String({ maxLength: 255 }),
    host: Type.String({ maxLength: 253 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    encryption: Type.Enum(['tls', 'ssl', 'none'], {
      description:
        'tls: STARTTLS required; ssl: TLS from the start; none: only where the configuration allows it',
    }),
    username: Type.String({ maxLength: 1_000 }),
    password: Type.String({
      maxLength: 1_000,
      description: 'Never returned; absent or null keeps the stored one',
    }),
    maxConnections: Type.Integer({ minimum: 1, maximum: 1_000 }),
    caPem: Type.Union([Type.String({ maxLength: 100_000 }), Type.Null()]),
    directory: Type.String({ maxLength: 4_096, description: 'Of a pickup provider, absolute' }),
  }),
  { additionalProperties: false },
);

/** A limit that a null takes away. */
function limit(window: string) {
  return Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000_000 }), Type.Null()], {
    description: `Recipients in any ${window}, counted across restarts; what is more waits. Null: no limit`,
  });
}

const SHAPE = compileShape(SETTINGS_SCHEMA);
const PROVIDER_SCHEMA = Type.Object({
  id: Type.Integer(),
  ...Type.Omit(SETTINGS_SCHEMA, ['password']).properties,
  createdAt: Type.String({ format: 'date-time' }),
});
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
      body: SETTINGS_SCHEMA,
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
      body: SETTINGS_SCHEMA,
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
    access: 'manage',
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
