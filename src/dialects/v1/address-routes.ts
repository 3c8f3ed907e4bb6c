import { Type } from 'typebox';
import type { Operations } from '../../operations/operations.ts';
import type { ListedAddress } from '../../operations/temp-mail-operations.ts';
import { type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { present } from '../present.ts';
import { parseJson, withoutAbsent } from './json-body.ts';
import { readId } from './path-id.ts';
import { readQuery } from './query.ts';
import { TIME_SCHEMA } from './reply-schemas.ts';
import { compileShape } from './shape.ts';
import { sayTime } from './time.ts';

const tag = 'Temp-mail';
const MAX_PAGE = 100;
const MAX_OFFSET = 1_000_000_000;
const MOST = 1_000_000_000;
const PARAMETERS = {
  text: 'Addresses that contain it',
  limit: `Addresses on a page, 1 to ${MAX_PAGE}; absent: 50`,
  offset: 'How many come before the page; absent: 0',
};

const NEW_SHAPE = compileShape(
  Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 64 }),
      domain: Type.Optional(Type.String({ maxLength: 253 })),
      hasPrefix: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
);
const BALANCE_SHAPE = compileShape(
  Type.Object(
    {
      address: Type.String({ maxLength: 320 }),
      balance: Type.Integer({ minimum: 0, maximum: MOST }),
      isEnabled: Type.Boolean(),
    },
    { additionalProperties: false },
  ),
);
const GRANT_SCHEMA = Type.Object(
  { balance: Type.Integer({ minimum: 0, maximum: MOST }), isEnabled: Type.Boolean() },
  { additionalProperties: false },
);
const GRANT_SHAPE = compileShape(GRANT_SCHEMA);
// Not a union: of one that does not match, every branch would be told as a problem.
const LIMIT = Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 0, maximum: MOST });
const POLICY_SCHEMA = Type.Partial(
  Type.Object({
    blockList: Type.Array(Type.String({ minLength: 1, maxLength: 320 }), { maxItems: 10_000 }),
    maxPerDay: LIMIT,
    maxPerMonth: LIMIT,
  }),
  { additionalProperties: false },
);
const POLICY_SHAPE = compileShape(POLICY_SCHEMA);
const BALANCE_SCHEMA = Type.Object({
  id: Type.Integer(),
  balance: Type.Integer(),
  isEnabled: Type.Boolean(),
});
const ADDRESS_SCHEMA = Type.Object({
  ...{ id: Type.Integer(), address: Type.String(), hasPassword: Type.Boolean(), createdAt: TIME_SCHEMA },
  balance: Type.Union([BALANCE_SCHEMA, Type.Null()]),
});

/** Temp-mail addresses, for who manages the gate. */
export const addressRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/addresses',
    access: 'oversee',
    operation: 'tempMailAddresses',
    parse: request => {
      const query = readQuery(request.query, Object.keys(PARAMETERS));
      const limit = query.integer('limit', { min: 1, max: MAX_PAGE }) ?? 50;
      const offset = query.integer('offset', { min: 0, max: MAX_OFFSET }) ?? 0;
      const text = query.text('text');
      query.end();
      return { limit, offset, ...present({ text }) };
    },
    reply: ({ items, count }) => json(200, { addresses: items.map(sayAddress), count }),
    description: {
      tag,
      summary: 'Temp-mail addresses, newest first',
      query: PARAMETERS,
      replies: {
        200: {
          description: '`count` is of all pages together',
          schema: Type.Object({ addresses: Type.Array(ADDRESS_SCHEMA), count: Type.Integer() }),
        },
      },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/addresses',
    access: 'manage',
    operation: 'tempMailAdd',
    parse: request => {
      const { name, domain = '', hasPrefix = false } = NEW_SHAPE.read(withoutAbsent(parseJson(request.body)));
      return { name, domain, hasPrefix };
    },
    reply: ({ address, jwt, password }) =>
      json(201, { id: address.id, address: address.address, jwt, password }),
    description: {
      tag,
      summary: 'Add an address; what its holder needs is shown this once',
      replies: {
        201: { description: '`{id, address, jwt, password}`; `password` is null where there are none' },
      },
    },
  }),
  route({
    method: 'GET',
    path: '/v1/addresses/:id/token',
    access: 'manage',
    operation: 'tempMailJwt',
    parse: request => ({ id: readId(request, 'address') }),
    reply: jwt => json(200, { jwt }),
    description: {
      tag,
      summary: 'The JWT that an address sends with, in place of a password',
      replies: { 200: { description: '`{jwt}`' } },
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/addresses/:id',
    access: 'manage',
    operation: 'tempMailRemove',
    parse: request => ({ id: readId(request, 'address') }),
    reply: () => ({ status: 204 }),
    description: {
      tag,
      summary: 'Remove an address with its balance and sent items',
      replies: { 204: { description: 'Its JWT works no more' } },
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/addresses/:id/balance',
    access: 'manage',
    operation: 'tempMailGrant',
    parse: request => ({ id: readId(request, 'address'), ...GRANT_SHAPE.read(parseJson(request.body)) }),
    reply: () => ({ status: 204 }),
    description: {
      tag,
      summary: 'Set what an address may still send, also one that has not asked for it',
      body: GRANT_SCHEMA,
      replies: { 204: { description: 'It is set' } },
    },
  }),
  route({
    method: 'PATCH',
    path: '/v1/balances/:id',
    access: 'manage',
    operation: 'tempMailSetBalance',
    parse: request => ({
      id: readId(request, 'balance'),
      ...BALANCE_SHAPE.read(parseJson(request.body)),
    }),
    reply: () => ({ status: 204 }),
    description: {
      tag,
      summary: 'Set what an address may still send',
      replies: { 204: { description: 'It is set' } },
    },
  }),
  route({
    method: 'GET',
    path: '/v1/temp-mail',
    access: 'oversee',
    operation: 'tempMailPolicy',
    parse: () => ({}),
    reply: policy => json(200, sayPolicy(policy)),
    description: {
      tag,
      summary: 'What holds for all addresses: blocked recipients, quotas',
      replies: { 200: { description: 'null: no quota', schema: POLICY_SCHEMA } },
    },
  }),
  route({
    method: 'PATCH',
    path: '/v1/temp-mail',
    access: 'manage',
    operation: 'tempMailChangePolicy',
    parse: request => {
      const given = POLICY_SHAPE.read(parseJson(request.body));
      return present({
        blockList: given.blockList,
        maxPerDay: given.maxPerDay,
        maxPerMonth: given.maxPerMonth,
      });
    },
    reply: policy => json(200, sayPolicy(policy)),
    description: {
      tag,
      summary: 'Change it; what is absent stays, null takes a quota away',
      body: POLICY_SCHEMA,
      replies: { 200: { description: 'What holds now', schema: POLICY_SCHEMA } },
    },
  }),
];

function sayAddress({ address, balance }: ListedAddress): object {
  const { id, passwordHash, createdAt } = address;
  return {
    ...{ id, address: address.address, hasPassword: passwordHash !== null, createdAt: sayTime(createdAt) },
    balance: balance === undefined ? null : sayBalance(balance),
  };
}

function sayBalance({ id, balance, isEnabled }: NonNullable<ListedAddress['balance']>): object {
  return { id, balance, isEnabled };
}

function sayPolicy({ sendBlockList, sendLimits }: Operations['tempMailPolicy']['output']): object {
  const { dailyEnabled, monthlyEnabled, dailyLimit, monthlyLimit } = sendLimits;
  const limit = (isEnabled: boolean, most: number) => (isEnabled && most >= 0 ? most : null);
  return {
    blockList: sendBlockList,
    maxPerDay: limit(dailyEnabled, dailyLimit),
    maxPerMonth: limit(monthlyEnabled, monthlyLimit),
  };
}
