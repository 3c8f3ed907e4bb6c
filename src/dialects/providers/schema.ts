import { Type } from 'typebox';

// For the API description only: bodies are read by settings.ts, which is more lenient (numbers and booleans in strings).

const limit = () => Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]);

const DOCUMENTED = {
  driver: Type.Literal('smtp'),
  host: Type.String({ maxLength: 253 }),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  username: Type.String(),
  sendFrom: Type.String({ format: 'email' }),
  sendFromName: Type.String({ maxLength: 255 }),
  encryption: Type.Enum(['tls', 'ssl', 'none'], {
    description:
      'tls: STARTTLS required; ssl: TLS from the start; none: only where the configuration allows it',
  }),
  isEnabled: Type.Boolean(),
};
const OWN = {
  priority: Type.Integer({ minimum: 0, description: 'Lower goes first' }),
  weight: Type.Integer({ minimum: 0, description: 'Share of the mail among equal priorities' }),
  senderDomains: Type.Array(Type.String(), { description: 'Domains of From that it serves; empty: all' }),
  maxPerSecond: limit(),
  maxPerMinute: limit(),
  maxPerHour: limit(),
  maxPerDay: limit(),
  maxConnections: Type.Integer({ minimum: 1, maximum: 1_000 }),
  maxRecipientsPerMessage: Type.Integer({ minimum: 1, maximum: 10_000 }),
  caPem: Type.Union([Type.String(), Type.Null()]),
  kind: Type.Enum(['smtp', 'pickup', 'capture']),
  directory: Type.String({ description: 'Of a pickup provider, absolute' }),
};
const PASSWORD = Type.String({ description: 'Never returned; ******** keeps the stored one' });
const CAPTION = Type.Union([Type.String({ maxLength: 255 }), Type.Null()]);
const TIME = Type.String({ format: 'date-time' });

/** The body of the call that makes a provider. */
export const NEW_PROVIDER_SCHEMA = Type.Object({
  ...DOCUMENTED,
  password: PASSWORD,
  caption: Type.Optional(CAPTION),
  ...Type.Partial(Type.Object(OWN)).properties,
});

/** The body of a change. */
export const CHANGE_SCHEMA = Type.Partial(NEW_PROVIDER_SCHEMA);

/** A provider in an answer. */
export const PROVIDER_SCHEMA = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  caption: CAPTION,
  ...DOCUMENTED,
  createTime: TIME,
  updateTime: Type.Union([TIME, Type.Null()]),
  ...OWN,
  maxConnections: Type.Union([OWN.maxConnections, Type.Null()]),
  directory: Type.Union([OWN.directory, Type.Null()]),
});

/** The body of a refusal. */
export const ERROR_SCHEMA = Type.Object({
  message: Type.String(),
  errors: Type.Record(Type.String(), Type.Array(Type.String())),
});
