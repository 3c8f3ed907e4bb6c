import { Type } from 'typebox';

const ADDRESS = Type.Union([
  Type.String({ description: '`Name <local@domain>` or `local@domain`' }),
  Type.Object({ name: Type.Optional(Type.String()), address: Type.String() }),
]);
const ADDRESSES = Type.Union([ADDRESS, Type.Array(ADDRESS)]);

/** The message of this API, only for /openapi.json: read-message.ts decodes with the rules of Go, not with a schema. */
export const MESSAGE_SCHEMA = Type.Object({
  sender: Type.Optional(Type.String({ description: 'Envelope sender; absent: the address of `from`' })),
  from: ADDRESS,
  to: Type.Optional(ADDRESSES),
  cc: Type.Optional(ADDRESSES),
  bcc: Type.Optional(ADDRESSES),
  replyto: Type.Optional(ADDRESS),
  subject: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
  html: Type.Optional(Type.String()),
});
