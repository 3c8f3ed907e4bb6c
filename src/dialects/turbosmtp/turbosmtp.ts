import { idToBigInt } from '../../core/id.ts';
import { type Dialect, type DialectRequest, type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { V1, V2, type Version, versionOf } from './api-version.ts';
import { findCredential } from './credential.ts';
import { createFormatError } from './error-reply.ts';
import { readFields } from './read-body.ts';
import { toSubmission } from './read-message.ts';
import { ACCEPTED_SCHEMA, ERROR_SCHEMA, MESSAGE_SCHEMA, parametersOf } from './schema.ts';
import type { Fields } from './values.ts';

export interface TurbosmtpOptions {
  /** The status that version 1 uses instead of 400: some of its clients read the body only with status 200. */
  readonly v1ErrorStatus: number;
}

type ReadFields = (request: DialectRequest) => Fields;

/** The turboSMTP Send API, versions 1 and 2. It queues a message, or reports all problems of the message together. */
export function createTurbosmtp({ v1ErrorStatus }: TurbosmtpOptions): Dialect {
  const fieldsOf = cacheFields();
  const credential = (request: DialectRequest) => findCredential(versionOf(request.path), request, fieldsOf);
  return {
    name: 'turbosmtp',
    owns: path => path.startsWith('/api/mail/') || path === V2.path || path.startsWith(`${V2.path}/`),
    routes: [V1, V2].map(version => sendBy(version, fieldsOf)),
    allowsKeyless: false,
    credential,
    errorSchema: ERROR_SCHEMA,
    sayError: createFormatError({ v1ErrorStatus, credential }),
  };
}

function sendBy(version: Version, fieldsOf: ReadFields): Route {
  return route({
    method: 'POST',
    path: version.path,
    access: 'send',
    operation: 'submit',
    credentialMayBeInBody: true,
    parse: request => toSubmission(version, fieldsOf(request)),
    // The id has 63 bits, more than a JavaScript number can represent, so its digits are written as text.
    reply: ({ id }) => ({ ...json(200, {}), body: `{"message":"OK","mid":${idToBigInt(id)}}` }),
    description: {
      tag: 'turboSMTP',
      summary: version.summary,
      description:
        'JSON, a form or a multipart form, whatever the Content-Type is. Unknown fields are ignored. An error lists all problems.',
      body: MESSAGE_SCHEMA,
      ...parametersOf(version),
      replies: {
        200: { description: 'The message is stored and will be delivered', schema: ACCEPTED_SCHEMA },
      },
    },
  });
}

/** Parses each body once: both the credential and the message are read from it. */
function cacheFields(): ReadFields {
  const cache = new WeakMap<Buffer, Fields>();
  return request => {
    const fields = cache.get(request.body) ?? readFields(request);
    cache.set(request.body, fields);
    return fields;
  };
}
