import { type Static, Type } from 'typebox';
import type { EventType } from '../../core/event.ts';
import type { AccountSettings, ChangedAccount, PublicAccount } from '../../operations/account-operations.ts';
import { type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { isObject, parseJson, withoutAbsent } from './json-body.ts';
import { readId } from './path-id.ts';
import { compileShape } from './shape.ts';
import { sayTime } from './time.ts';

const tag = 'Accounts';

// A record, so that the compiler finds a type that is missing; false for those that no account has.
const IS_OF_ACCOUNTS: Readonly<Record<EventType, boolean>> = {
  accepted: true,
  deferred: true,
  delivered: true,
  bounced: true,
  failed: true,
  expired: true,
  cancelled: true,
  unknown: true,
  retried: true,
  alert: false,
  direct: false,
};
const EVENT_TYPES = (Object.keys(IS_OF_ACCOUNTS) as EventType[]).filter(type => IS_OF_ACCOUNTS[type]);

// Not a union: of one that does not match, every branch would be told as a problem.
const limit = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 1, maximum: 1_000_000_000, description });
const LIMITS_SCHEMA = Type.Partial(
  Type.Object({
    maxPerMinute: limit('Recipients in any 60 seconds; null: no limit'),
    maxPerHour: limit('Recipients in any 60 minutes; null: no limit'),
    maxPerDay: limit('Recipients in any 24 hours; null: no limit'),
    maxRecipientsPerMessage: limit("null: the gate's own limit"),
  }),
  { additionalProperties: false },
);
const EVENTS_SCHEMA = Type.Array(Type.Enum(EVENT_TYPES), {
  uniqueItems: true,
  description: 'Only these are posted; empty: all',
});
const WEBHOOK_SCHEMA = Type.Partial(
  Type.Object({
    url: Type.String({ maxLength: 2_000, description: 'A new one gets a new secret' }),
    events: EVENTS_SCHEMA,
    rotateSecret: Type.Boolean({ description: 'Makes a new secret for the URL there is' }),
  }),
  { additionalProperties: false },
);
const SETTINGS = {
  isEnabled: Type.Boolean({ description: 'Keys of a disabled account work no more, at once' }),
  allowedSenders: Type.Array(Type.String({ maxLength: 320 }), {
    maxItems: 1_000,
    description: 'Addresses, `@domain`, or `*`',
  }),
  limits: LIMITS_SCHEMA,
  sendsNotices: Type.Boolean({ description: 'Failures of mail from SMTP or pickup are told to its sender' }),
  webhook: Type.Unsafe<Static<typeof WEBHOOK_SCHEMA> | null>({
    ...WEBHOOK_SCHEMA,
    type: ['object', 'null'],
    description: 'Where events are posted; null: nowhere',
  }),
};
const NEW_ACCOUNT_SCHEMA = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    allowedSenders: SETTINGS.allowedSenders,
    ...Type.Partial(Type.Omit(Type.Object(SETTINGS), ['allowedSenders'])).properties,
  },
  { additionalProperties: false },
);
const SETTINGS_SCHEMA = Type.Partial(Type.Object(SETTINGS), { additionalProperties: false });
const ACCOUNT_SCHEMA = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  ...SETTINGS,
  webhook: Type.Union([Type.Object({ url: Type.String(), events: EVENTS_SCHEMA }), Type.Null()]),
  createdAt: Type.String({ format: 'date-time' }),
});
const CHANGED_SCHEMA = Type.Object({
  ...ACCOUNT_SCHEMA.properties,
  webhookSecret: Type.Optional(
    Type.String({
      description: 'Signs what is posted (Standard Webhooks); there when one was made, shown this once',
    }),
  ),
});

const NEW_SHAPE = compileShape(NEW_ACCOUNT_SCHEMA);
const SETTINGS_SHAPE = compileShape(SETTINGS_SCHEMA);

/** Those who send, managed. */
export const accountRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/accounts',
    access: 'oversee',
    operation: 'accounts',
    parse: () => ({}),
    reply: accounts => json(200, { accounts: accounts.map(sayAccount) }),
    description: {
      tag,
      summary: 'All accounts',
      replies: {
        200: { description: '`{accounts}`', schema: Type.Object({ accounts: Type.Array(ACCOUNT_SCHEMA) }) },
      },
    },
  }),
  route({
    method: 'POST',
    path: '/v1/accounts',
    access: 'manage',
    operation: 'addAccount',
    parse: request => {
      const { name, ...settings } = NEW_SHAPE.read(withoutNulls(parseJson(request.body)));
      return { name, settings: settings as AccountSettings };
    },
    reply: changed => json(201, sayChanged(changed)),
    description: {
      tag,
      summary: 'Add an account',
      body: NEW_ACCOUNT_SCHEMA,
      replies: { 201: { description: 'The account', schema: CHANGED_SCHEMA } },
    },
  }),
  route({
    method: 'PATCH',
    path: '/v1/accounts/:id',
    access: 'manage',
    operation: 'changeAccount',
    parse: request => ({
      id: readId(request, 'account'),
      settings: SETTINGS_SHAPE.read(withoutNulls(parseJson(request.body))) as AccountSettings,
    }),
    reply: changed => json(200, sayChanged(changed)),
    description: {
      tag,
      summary: 'Change an account; what is absent keeps its value',
      body: SETTINGS_SCHEMA,
      replies: { 200: { description: 'The account', schema: CHANGED_SCHEMA } },
    },
  }),
];

function sayAccount({ createdAt, ...same }: PublicAccount): object {
  return { ...same, createdAt: sayTime(createdAt) };
}

function sayChanged({ account, webhookSecret }: ChangedAccount): object {
  return { ...sayAccount(account), ...(webhookSecret !== undefined && { webhookSecret }) };
}

const NULL_MEANS_ABSENT = ['name', 'isEnabled', 'allowedSenders', 'limits', 'sendsNotices'];

/** Null and '' mean absent, except where null is how a value is taken away: a limit, the webhook. */
function withoutNulls(value: unknown): unknown {
  const fields = withoutAbsent(value, NULL_MEANS_ABSENT);
  if (!isObject(fields) || !isObject(fields['webhook'])) return fields;
  return { ...fields, webhook: withoutAbsent(fields['webhook']) };
}
