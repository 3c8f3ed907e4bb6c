import { Type } from 'typebox';
import { invalidField } from '../../core/errors.ts';
import type { Operations } from '../../operations/operations.ts';
import { type DialectRequest, type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { present } from '../present.ts';
import { isObject, parseJson, withoutAbsent } from './json-body.ts';
import { readId } from './path-id.ts';
import { PROVIDER_SETTINGS_SCHEMA, readProviderSettings } from './provider-schemas.ts';
import { readTestMail, TEST_MAIL_FIELDS } from './read-test-mail.ts';
import { TIME_SCHEMA } from './reply-schemas.ts';
import { compileShape } from './shape.ts';
import { sayTime } from './time.ts';

const tag = 'Providers';
const DAY_MS = 86_400_000;
const MAX_ID = 999_999_999;

const CERTIFICATE_SCHEMA = Type.Object({
  ...{ subject: Type.String(), issuer: Type.String(), validFrom: TIME_SCHEMA, validTo: TIME_SCHEMA },
  daysLeft: Type.Integer({ description: 'Whole days; negative when it has ended' }),
});
const CHECK_SCHEMA = Type.Object({
  ok: Type.Boolean(),
  stages: Type.Array(
    Type.Object({
      stage: Type.Enum(['dns', 'connect', 'greeting', 'tls', 'ehlo', 'auth', 'noop', 'directory', 'mail']),
      ok: Type.Boolean(),
      detail: Type.String({ description: 'What was found, or what failed' }),
      ms: Type.Integer(),
      addresses: Type.Optional(Type.Array(Type.String(), { description: '`dns`' })),
      certificate: Type.Optional(CERTIFICATE_SCHEMA),
      capabilities: Type.Optional(Type.Array(Type.String(), { description: '`ehlo`' })),
    }),
    { description: 'In order; the last one is the failed one when `ok` is false' },
  ),
});
const NULLABLE_INTEGER = Type.Union([Type.Integer(), Type.Null()]);
const PRESET_SCHEMA = Type.Object({
  ...{ name: Type.String(), caption: Type.String(), host: Type.String(), port: Type.Integer() },
  encryption: Type.Enum(['tls', 'ssl', 'none']),
  ...{ username: Type.String(), usernameHint: Type.String(), passwordHint: Type.String() },
  maxConnections: Type.Integer(),
  ...{ maxPerSecond: NULLABLE_INTEGER, maxPerMinute: NULLABLE_INTEGER, maxPerDay: NULLABLE_INTEGER },
  ...{ note: Type.String(), docs: Type.String() },
});
const CHECK_BODY_SCHEMA = Type.Object(TEST_MAIL_FIELDS, { additionalProperties: false });
const CHECK_BODY_SHAPE = compileShape(CHECK_BODY_SCHEMA);
const CHECKED = { 200: { description: 'What each stage found', schema: CHECK_SCHEMA } };

/** Trying providers, and what is known of some. */
export const providerCheckRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/providers/:id/check',
    access: 'operate',
    operation: 'checkProvider',
    parse: request => {
      const body =
        request.body.length === 0 ? {} : CHECK_BODY_SHAPE.read(withoutAbsent(parseJson(request.body)));
      return { id: readId(request, 'provider'), ...present({ mail: readTestMail(body) }) };
    },
    reply: (report, { at }) => json(200, sayReport(report, at)),
    description: {
      tag,
      summary:
        'Try a provider up to the point of sending, in at most 10 seconds; with `mailTo` a test mail too',
      body: CHECK_BODY_SCHEMA,
      replies: CHECKED,
    },
  }),
  route({
    method: 'POST',
    path: '/v1/providers/check',
    access: 'manage',
    operation: 'tryProvider',
    parse: toTrial,
    reply: (report, { at }) => json(200, sayReport(report, at)),
    description: {
      tag,
      summary: 'Try settings without saving them; with `id` as a change of that provider',
      body: {
        ...PROVIDER_SETTINGS_SCHEMA,
        properties: { id: Type.Integer(), ...TEST_MAIL_FIELDS, ...PROVIDER_SETTINGS_SCHEMA.properties },
      },
      replies: CHECKED,
    },
  }),
  route({
    method: 'GET',
    path: '/v1/providers/presets',
    access: 'oversee',
    operation: 'providerPresets',
    parse: () => ({}),
    reply: presets => json(200, { presets }),
    description: {
      tag,
      summary: 'Settings of providers that many have',
      replies: {
        200: { description: '`{presets}`', schema: Type.Object({ presets: Type.Array(PRESET_SCHEMA) }) },
      },
    },
  }),
];

function toTrial({ body }: DialectRequest): Operations['tryProvider']['input'] {
  const value = parseJson(body);
  if (!isObject(value)) return { settings: readProviderSettings(value) };
  const { id, mailTo, mailFrom, ...settings } = value;
  const mail = present({ mail: readTestMail({ mailTo, mailFrom }) });
  if (id === undefined) return { settings: readProviderSettings(settings), ...mail };
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 1 || id > MAX_ID) {
    throw invalidField('id', 'must be the id of a provider');
  }
  return { id, settings: readProviderSettings(settings), ...mail };
}

function sayReport({ ok, stages }: Operations['checkProvider']['output'], now: number): object {
  return {
    ok,
    stages: stages.map(({ certificate, ...same }) => {
      if (certificate === undefined) return same;
      const { validFrom, validTo, ...names } = certificate;
      const daysLeft = Math.floor((validTo - now) / DAY_MS);
      return {
        ...same,
        certificate: { ...names, validFrom: sayTime(validFrom), validTo: sayTime(validTo), daysLeft },
      };
    }),
  };
}
