import { idToBigInt } from '../../core/id.ts';
import { type Dialect, type DialectRequest, type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { V1, V2, type Version, versionOf } from './api-version.ts';
import { findCredential } from './credential.ts';
import { createErrors } from './error-reply.ts';
import { readFields } from './read-body.ts';
import { toSubmission } from './read-message.ts';
import { ACCEPTED_SCHEMA, ERROR_SCHEMA, MESSAGE_SCHEMA, parametersOf } from './schema.ts';
import type { Fields } from './values.ts';

export interface TurbosmtpOptions {
  /** Status of version 1 where 400 is due: some of its clients read only the body of a 200. */
  readonly v1ErrorStatus: number;
}

type FieldsOf = (request: DialectRequest) => Fields;

/** The turboSMTP Send API, versions 1 and 2: accepts into the queue, or says at once all that is wrong with a message. */
export function createTurbosmtp({ v1ErrorStatus }: TurbosmtpOptions): Dialect {
  const fieldsOf = rememberFields();
  const credential = (request: DialectRequest) => findCredential(versionOf(request.path), request, fieldsOf);
  return {
    name: 'turbosmtp',
    owns: path => path.startsWith('/api/mail/') || path === V2.path || path.startsWith(`${V2.path}/`),
    routes: [V1, V2].map(version => sendBy(version, fieldsOf)),
    allowsKeyless: false,
    credential,
    errorSchema: ERROR_SCHEMA,
    sayError: createErrors({ v1ErrorStatus, credential }),
  };
}

function sendBy(version: Version, fieldsOf: FieldsOf): Route {
  return route({
    method: 'POST',
    path: version.path,
    access: 'send',
    operation: 'submit',
    credentialMayBeInBody: true,
    parse: request => toSubmission(version, fieldsOf(request)),
    // 63 bits are more than a JavaScript number holds: the digits are written as they are.
    reply: ({ id }) => ({ ...json(200, {}), body: `{"message":"OK","mid":${idToBigInt(id)}}` }),
    description: {
      tag: 'turboSMTP',
      summary: version.summary,
      description:
        'JSON, a form or a multipart form, whatever the label says. Unknown fields are ignored. A refusal names all that is wrong.',
      body: MESSAGE_SCHEMA,
      ...parametersOf(version),
      replies: {
        200: { description: 'The message is on disk and will be delivered', schema: ACCEPTED_SCHEMA },
      },
    },
  });
}

/** Reads each body once, although both its credential and its message are asked for. */
function rememberFields(): FieldsOf {
  const known = new WeakMap<Buffer, Fields>();
  return request => {
    const found = known.get(request.body) ?? readFields(request);
    known.set(request.body, found);
    return found;
  };
}
