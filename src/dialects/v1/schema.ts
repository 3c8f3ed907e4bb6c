import { type TObject, type TSchema, Type } from 'typebox';
import { MAX_SUBJECT_LENGTH } from '../../core/header-names.ts';

const CLOSED = { additionalProperties: false };

/** One mailbox, in either form. */
const ADDRESS = Type.Union([
  Type.String({
    description: '`Name <local@domain>` or `local@domain`',
    examples: ['Ada <ada@example.com>'],
  }),
  Type.Object({ name: Type.Optional(Type.String()), address: Type.String() }, CLOSED),
]);

const ADDRESSES = Type.Union(
  [
    Type.String({ description: 'One address or a comma-separated list' }),
    ADDRESS.anyOf[1],
    Type.Array(ADDRESS),
  ],
  { description: 'A comma-separated list, an object, or an array of both' },
);

const HEADERS = Type.Union([
  Type.Record(Type.String(), Type.String()),
  Type.Array(Type.Object({ name: Type.String(), value: Type.String() }, CLOSED)),
]);

const ATTACHMENT = Type.Object(
  {
    filename: Type.Optional(Type.String({ maxLength: 255 })),
    content: Type.String({ description: 'Base64', contentEncoding: 'base64' }),
    encoding: Type.Optional(Type.Enum(['base64'], { description: 'May say what is the case anyway' })),
    contentType: Type.Optional(
      Type.String({ maxLength: 255, description: 'Absent: application/octet-stream' }),
    ),
    cid: Type.Optional(
      Type.String({ maxLength: 255, description: 'Makes it inline; the html refers to it as `cid:…`' }),
    ),
  },
  CLOSED,
);

const MAILBOX_FIELDS = {
  from: Type.Optional(Type.Unknown()),
  to: Type.Optional(Type.Unknown()),
  cc: Type.Optional(Type.Unknown()),
  bcc: Type.Optional(Type.Unknown()),
  replyTo: Type.Optional(Type.Unknown()),
  headers: Type.Optional(Type.Unknown()),
};

const PLAIN_FIELDS = {
  subject: Type.Optional(Type.String({ maxLength: MAX_SUBJECT_LENGTH })),
  text: Type.Optional(Type.String()),
  html: Type.Optional(Type.String()),
  attachments: Type.Optional(Type.Array(ATTACHMENT, { maxItems: 500 })),
  tags: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      maxItems: 20,
      description: 'Kept with the message, to find it by',
    }),
  ),
  metadata: Type.Optional(
    Type.Record(Type.String(), Type.String({ maxLength: 1_000 }), {
      maxProperties: 50,
      description: 'Kept with the message and returned as given; never sent',
    }),
  ),
  priority: Type.Optional(Type.Enum(['high', 'normal', 'bulk'], { description: 'Absent: normal' })),
  sendAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'Not before; at most 30 days ahead' }),
  ),
  expiresAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'Given up afterwards; absent: the configured time' }),
  ),
  idempotencyKey: Type.Optional(
    Type.String({ maxLength: 255, description: 'The same as the header field Idempotency-Key' }),
  ),
};

/** The shape of a message, but for what has several forms: message.ts reads those itself, to say what is wrong with which item. */
export const MESSAGE_SHAPE = Type.Object({ ...MAILBOX_FIELDS, ...PLAIN_FIELDS }, CLOSED);

/** The whole shape, for the API description. */
export const MESSAGE_SCHEMA = Type.Object(
  {
    from: described(ADDRESS, 'Absent: the default sender of the provider that will carry it'),
    to: described(ADDRESSES, 'At least one recipient is needed in `to`, `cc` and `bcc` together'),
    cc: Type.Optional(ADDRESSES),
    bcc: described(ADDRESSES, 'Recipients that no copy shows'),
    replyTo: Type.Optional(ADDRESSES),
    ...PLAIN_FIELDS,
    headers: described(HEADERS, 'Further header fields; those the gate writes itself are refused'),
  } satisfies Record<string, TSchema>,
  CLOSED,
) satisfies TObject;

function described<Schema extends TSchema>(schema: Schema, description: string) {
  return Type.Optional({ ...schema, description });
}
