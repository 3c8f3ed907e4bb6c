import { Type } from 'typebox';
import type { Chaos } from '../../core/provider.ts';
import type { ProviderSettings } from '../../operations/provider-operations.ts';
import { isObject } from './json-body.ts';
import { TIME_SCHEMA } from './reply-schemas.ts';
import { compileShape } from './shape.ts';

const CHAOS_SCHEMA = Type.Object(
  {
    percent: Type.Integer({ minimum: 1, maximum: 100, description: 'Of the messages' }),
    reply: Type.Optional(
      Type.String({ maxLength: 255, description: 'Such as `451 4.7.1 try later`; absent: they are taken' }),
    ),
    at: Type.Enum(['rcpt', 'dot'], { description: 'To every recipient, or to the end of the message' }),
    delayMs: Type.Integer({ minimum: 0, maximum: 10_000, description: 'Before the answer' }),
  },
  { additionalProperties: false },
);

/** What may be set of a provider. */
export const PROVIDER_SETTINGS_SCHEMA = Type.Partial(
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
    chaos: Type.Unsafe<Chaos | null>({
      ...CHAOS_SCHEMA,
      type: ['object', 'null'],
      description: 'Of an inbox: trouble that it makes on purpose. Null: none',
    }),
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

/** A provider as it is shown. */
export const PROVIDER_SCHEMA = Type.Object({
  id: Type.Integer(),
  ...Type.Omit(PROVIDER_SETTINGS_SCHEMA, ['password']).properties,
  isPaused: Type.Boolean({ description: 'Nothing is sent here: its mail waits' }),
  createdAt: TIME_SCHEMA,
});

const SHAPE = compileShape(PROVIDER_SETTINGS_SCHEMA);

/** Settings out of a body; throws `invalid` with everything that is wrong. */
export function readProviderSettings(value: unknown): ProviderSettings {
  return SHAPE.read(withoutNulls(value));
}

const NULLABLE = ['chaos', 'caption', 'caPem', 'maxPerSecond', 'maxPerMinute', 'maxPerHour', 'maxPerDay'];

/** Null means absent, except where it is how a value is taken away. '' is a value here: no user name, no default sender. */
function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value;
  const isGiven = ([name, given]: [string, unknown]) => given !== null || NULLABLE.includes(name);
  return Object.fromEntries(Object.entries(value).filter(isGiven));
}
