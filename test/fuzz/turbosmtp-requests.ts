import fc from 'fast-check';
import { type FuzzApi, type FuzzKeys, inJson, manyRecipients, type ValidRequest } from './http-requests.ts';
import { line, mailboxText, name, text } from './mail-values.ts';

type Message = typeof MESSAGE extends fc.Arbitrary<infer Given> ? Given : never;

const BOUNDARY = 'between-the-parts';

const LIST = fc.array(mailboxText, { minLength: 1, maxLength: 5 }).map(items => items.join(','));
const FILE = fc.record(
  {
    name: name.map(part => `${part.replaceAll('/', '')}.bin`),
    type: fc.constantFrom('application/pdf', 'image/png'),
    content: fc
      .uint8Array({ minLength: 1, maxLength: 300 })
      .map(octets => Buffer.from(octets).toString('base64')),
    content_id: fc.stringMatching(/^[a-z0-9]{1,9}$/),
  },
  { requiredKeys: ['name', 'content'] },
);
const MESSAGE = fc.record(
  {
    from: mailboxText,
    to: LIST,
    cc: LIST,
    bcc: LIST,
    subject: fc.oneof(line, fc.constant('🎈'.repeat(700))),
    content: text,
    html_content: text,
    reply_to: mailboxText,
    custom_headers: fc
      .dictionary(fc.stringMatching(/^X-T[A-Za-z]{0,8}$/), name, { maxKeys: 3 })
      .map(fields => JSON.stringify(fields)),
    reference_id: name,
    'X-campaign-ID': name,
    attachments: fc.array(FILE, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['from', 'to'] },
);

/** One of the two versions of the turboSMTP API, in JSON, forms and multipart forms. */
export function turbosmtpApi(path: string, keys: FuzzKeys): FuzzApi {
  const good = '{"from":"a@b.test","to":"c@d.test"}';
  const headers = withKey('default', keys.send);
  const said = (body: string) => ({ body: `{"from":"a@b.test","to":"c@d.test",${body}}` });
  return {
    path,
    headers,
    valid: MESSAGE.chain(given =>
      fc.constantFrom(inJson(inOneText(given)), inForm(given), inMultipart(given, headers)),
    ),
    faulty: [
      { body: '' },
      { body: '{' },
      { body: '['.repeat(1_000) },
      { body: 'to=c@d.test' },
      { body: '{"from":"a@b.test","to":"nobody,"}' },
      { body: '{"from":"a@b.test","to":"c@d.test","cc":"nobody"}' },
      { body: '{"from":"a@b.test","to":"c@d.test","bcc":"nobody"}' },
      { body: JSON.stringify({ from: 'a@b.test', to: manyRecipients().join() }) },
      said(`"subject":"${'x'.repeat(701)}"`),
      said('"subject":"a\\nb"'),
      said('"content":"\\u0000"'),
      said('"custom_headers":{"X":["1"]}'),
      said('"mime_raw":"no empty line"'),
      said('"attachments":[{"name":"a","path":"/etc/passwd"}]'),
      { body: '--x', headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' } },
      { body: good, headers: { authorization: `Bearer ${keys.send}` } },
      { body: good, headers: withKey('default', 'pk_1_wrong') },
      { body: good, headers: withKey('somebody', keys.send) },
      { body: good, headers: withKey('default', keys.read) },
      { body: good, headers: withKey('narrow', keys.narrow) },
      { body: good, headers: { ...headers, 'content-encoding': 'gzip' } },
      { headers: { ...headers, 'content-length': String(2 ** 30) } },
      { body: good, path: `${path}/x` },
      { body: good, method: 'PUT' },
    ],
  };
}

function withKey(authuser: string, authpass: string): Record<string, string> {
  return { authuser, authpass };
}

/** JSON takes custom headers as an object as well. */
function inOneText({ custom_headers: headers, ...others }: Message): object {
  return headers === undefined ? others : { ...others, custom_headers: JSON.parse(headers) };
}

function inForm(given: Message): ValidRequest {
  return { body: Buffer.from(String(new URLSearchParams(pairsOf(given)))) };
}

function inMultipart(given: Message, headers: Readonly<Record<string, string>>): ValidRequest {
  const parts = pairsOf(given).map(
    ([key, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
  );
  return {
    headers: { ...headers, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: Buffer.from(`${parts.join('')}--${BOUNDARY}--\r\n`),
  };
}

function pairsOf({ attachments = [], ...texts }: Message): [string, string][] {
  const files = attachments.flatMap((file, at) =>
    Object.entries(file).map(([key, value]): [string, string] => [`attachments[${at}][${key}]`, value]),
  );
  return [...Object.entries(texts), ...files];
}
