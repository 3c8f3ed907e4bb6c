import { Type } from 'typebox';
import type { RouteDescription } from '../dialect.ts';
import { V1, type Version } from './api-version.ts';

const LIST =
  '`Name <local@domain>` or `local@domain`, separated by commas, also if the comma is inside quotes';

/** The message of this API, only for /openapi.json: read-message.ts also accepts what published clients send. */
export const MESSAGE_SCHEMA = Type.Object({
  from: Type.String({ description: '`Name <local@domain>` or `local@domain`' }),
  to: Type.String({ description: LIST }),
  cc: Type.Optional(Type.String({ description: LIST })),
  bcc: Type.Optional(Type.String({ description: `${LIST}; not in the header of the message` })),
  subject: Type.Optional(Type.String({ description: 'At most 700 characters' })),
  content: Type.Optional(Type.String({ description: 'The text body' })),
  html_content: Type.Optional(Type.String({ description: 'The HTML body; also `content_html`' })),
  reply_to: Type.Optional(Type.String()),
  custom_headers: Type.Optional(
    Type.Union([Type.Record(Type.String(), Type.String()), Type.String()], {
      description: 'An object of header fields, or its JSON text',
    }),
  ),
  mime_raw: Type.Optional(
    Type.String({ description: 'A complete MIME message instead of the bodies; also `mime`' }),
  ),
  attachments: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.Optional(Type.String()),
        type: Type.Optional(Type.String({ description: 'Media type; absent: application/octet-stream' })),
        content: Type.String({ description: 'Base64, or a `data:` URI of it' }),
        content_id: Type.Optional(
          Type.String({ description: 'The file is inline, as `cid:<content_id>@<domain of the sender>`' }),
        ),
      }),
    ),
  ),
  reference_id: Type.Optional(Type.String({ description: 'Only version 2: stored, to find the message by' })),
  'X-campaign-ID': Type.Optional(
    Type.String({ description: 'Only version 2: stored, to find the message by' }),
  ),
});

export const ACCEPTED_SCHEMA = Type.Object({
  message: Type.Literal('OK'),
  mid: Type.Integer({ description: 'Up to 63 bits: more than a double can represent' }),
});

export const ERROR_SCHEMA = Type.Object({
  message: Type.String({ description: '`error`, or an error about the credential' }),
  errors: Type.Optional(Type.Array(Type.String())),
  errorCode: Type.Optional(Type.Integer({ description: '3: wrong credentials; 2: the account is inactive' })),
  details: Type.Optional(Type.String()),
});

/** The headers and query parameters with the credential of each version. The body can also contain it. */
export function parametersOf(version: Version): Pick<RouteDescription, 'headers' | 'query'> {
  const [user, key] = ['The name of the account', 'A key of the account'];
  const v1 = { authuser: user, authpass: key };
  return version === V1
    ? { headers: v1, query: v1 }
    : { headers: { consumerKey: user, consumerSecret: key, ...v1 } };
}
