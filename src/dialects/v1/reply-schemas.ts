import { Type } from 'typebox';
import type { RecipientState } from '../../core/outcome.ts';
import type { Role } from '../../core/user.ts';

// The shapes of replies, for the API description.

// A record, so that the compiler finds a state that is missing.
const STATE_SET: Readonly<Record<RecipientState, true>> = {
  queued: true,
  deferred: true,
  delivered: true,
  bounced: true,
  failed: true,
  expired: true,
  cancelled: true,
  unknown: true,
};

const ROLE_SET: Readonly<Record<Role, true>> = { admin: true, operator: true, viewer: true };

/** What a user of the dashboard may do. */
export const ROLE_SCHEMA = Type.Enum(Object.keys(ROLE_SET) as Role[], {
  description: 'admin: everything; operator: act on mail and providers; viewer: look',
});

/** Every state of a recipient. */
export const STATES = Object.keys(STATE_SET) as RecipientState[];

export const TIME_SCHEMA = Type.String({ format: 'date-time' });
const STATE = Type.Enum(STATES);
const SMTP_REPLY = Type.Object({
  code: Type.Integer(),
  enhanced: Type.Optional(Type.String()),
  text: Type.String(),
});

export const ERROR_SCHEMA = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    problems: Type.Array(Type.Object({ field: Type.String(), message: Type.String() })),
  }),
});

export const ACCEPTED_SCHEMA = Type.Object({
  id: Type.String(),
  messageId: Type.String({ description: 'The Message-ID header field' }),
  recipients: Type.Array(Type.Object({ address: Type.String(), state: STATE })),
});

export const EVENT_SCHEMA = Type.Object({
  id: Type.String({ description: 'Its place in the log; later events have greater ones' }),
  at: TIME_SCHEMA,
  type: Type.String(),
  messageId: Type.Optional(Type.String()),
  recipient: Type.Optional(Type.String()),
  provider: Type.Optional(Type.Integer()),
  data: Type.Record(Type.String(), Type.Unknown()),
});

export const MESSAGE_REPLY_SCHEMA = Type.Object({
  id: Type.String(),
  messageId: Type.String(),
  account: Type.Integer(),
  dialect: Type.String({ description: 'The API it came by' }),
  sender: Type.String(),
  from: Type.String(),
  subject: Type.String(),
  tags: Type.Array(Type.String()),
  metadata: Type.Record(Type.String(), Type.String()),
  priority: Type.Enum(['high', 'normal', 'bulk']),
  provider: Type.Union([Type.Integer(), Type.Null()], {
    description: 'In whose queue it waits; null when it waits nowhere',
  }),
  size: Type.Integer({ description: 'Bytes' }),
  createdAt: TIME_SCHEMA,
  expiresAt: TIME_SCHEMA,
  isLeased: Type.Boolean({ description: 'An attempt is under way' }),
  recipients: Type.Array(
    Type.Object({
      address: Type.String(),
      state: STATE,
      attempts: Type.Integer(),
      dueAt: Type.Optional(TIME_SCHEMA),
      lastReply: Type.Optional(SMTP_REPLY),
      lastError: Type.Optional(Type.String()),
    }),
  ),
});

export const STORY_SCHEMA = Type.Object({
  ...MESSAGE_REPLY_SCHEMA.properties,
  attempts: Type.Array(
    Type.Object({
      number: Type.Integer(),
      provider: Type.Integer(),
      startedAt: TIME_SCHEMA,
      durationMs: Type.Number(),
      phase: Type.String({ description: 'How far the SMTP transaction got' }),
      reply: Type.Optional(SMTP_REPLY),
      error: Type.Optional(Type.String()),
      remote: Type.Optional(Type.String()),
    }),
  ),
  events: Type.Array(EVENT_SCHEMA),
});

export const KEY_SCHEMA = Type.Object({
  id: Type.Integer(),
  account: Type.Integer(),
  name: Type.String(),
  scopes: Type.Array(Type.Enum(['send', 'read', 'manage'])),
  createdAt: TIME_SCHEMA,
  revokedAt: Type.Union([TIME_SCHEMA, Type.Null()]),
});
