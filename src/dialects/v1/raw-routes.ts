import { type Address, parseAddress } from '../../core/address.ts';
import type { Submission } from '../../core/submission.ts';
import { normaliseLineEnds } from '../../mime/line-ends.ts';
import { type DialectRequest, type Route, route } from '../dialect.ts';
import { present } from '../present.ts';
import { collectProblems, type Problems } from './problems.ts';
import { readKey } from './read-message.ts';
import { ACCEPTED_SCHEMA } from './reply-schemas.ts';
import { KEY_DESCRIPTION, sayOne } from './sending-routes.ts';

const PARAMETERS = ['sender', 'recipient'];

/** Handing in a message that somebody else composed. */
export const rawRoute: Route = route({
  method: 'POST',
  path: '/v1/messages/raw',
  access: 'send',
  operation: 'submit',
  parse: toRawSubmission,
  reply: sayOne,
  description: {
    tag: 'Sending',
    summary: 'Send a composed message as it is',
    description:
      'The body is an RFC 5322 message; line ends become CRLF, a missing Date or Message-ID is added, Bcc is removed, all else stays byte for byte.',
    query: {
      sender: 'Envelope sender; absent or empty: the null sender',
      recipient: 'Envelope recipient; given once for each',
    },
    headers: KEY_DESCRIPTION,
    replies: { 202: { description: 'Accepted', schema: ACCEPTED_SCHEMA } },
  },
});

function toRawSubmission({ query, headers, body }: DialectRequest): Submission {
  const problems = collectProblems();
  for (const name of new Set(query.keys())) {
    if (!PARAMETERS.includes(name)) problems.add(name, 'unknown parameter');
  }
  if (query.getAll('sender').length > 1) problems.add('sender', 'is given more than once');
  const sender = readAddress('sender', query.get('sender') ?? '', problems);
  const recipients = query.getAll('recipient').map(text => readAddress('recipient', text, problems));
  const given = [...new Set(recipients)].filter((address): address is Address => address !== '');
  if (given.length === 0) problems.add('recipient', 'is missing: at least one is needed');
  if (body.length === 0) problems.add('body', 'is empty: a message is needed');
  if (body.includes(0)) problems.add('body', 'must not hold NUL');
  const idempotencyKey = readKey(undefined, headers['idempotency-key'], problems);
  problems.throwIfAny();
  return {
    dialect: 'v1',
    envelope: { sender, recipients: given },
    body: { kind: 'raw', mime: normaliseLineEnds(body) },
    ...present({ idempotencyKey }),
  };
}

function readAddress(field: string, text: string, problems: Problems): Address | '' {
  if (text === '') return '';
  const parsed = parseAddress(text);
  if (parsed.ok) return parsed.value;
  problems.add(field, parsed.reason);
  return '';
}
