import fc from 'fast-check';
import { type FuzzApi, inJson, manyRecipients } from './http-requests.ts';
import { address, line, mailboxText, name, text } from './mail-values.ts';

/** What opens the temp-mail API. */
export interface TempMailKeys {
  readonly jwt: string;
  readonly adminPassword: string;
}

/** The temp-mail API, with the JWT in the header and in the body, and for administrators. */
export function tempMailApi({ jwt, adminPassword }: TempMailKeys, from: string): FuzzApi {
  const letter = { to_mail: 'c@d.test', subject: 's', content: 'c' };
  const good = JSON.stringify(letter);
  const headers = { authorization: `Bearer ${jwt}` };
  const admin = { 'x-admin-auth': adminPassword };
  const external = '/external/api/send_mail';
  return {
    path: '/api/send_mail',
    headers,
    valid: tempMailLetter().chain(given =>
      fc.constantFrom(
        inJson(given),
        { ...inJson({ ...given, token: jwt }), path: external, headers: {} },
        { ...inJson({ ...given, from_mail: from }), path: '/admin/send_mail', headers: admin },
      ),
    ),
    faulty: [
      { body: '' },
      { body: '{' },
      { body: '['.repeat(1_000) },
      { body: '{"to_mail":5,"subject":"s","content":"c"}' },
      { body: '{"to_mail":"c@d.test","content":"c"}' },
      { body: '{"to_mail":"c@d.test","subject":"s"}' },
      { body: JSON.stringify({ ...letter, subject: 'a\nb' }) },
      { body: JSON.stringify({ ...letter, content: '\0' }) },
      { body: good, headers: {} },
      { body: good, headers: { authorization: 'Bearer a.b.c' } },
      { body: good, headers: { 'x-lang': 'zh' } },
      { body: good, headers, path: external },
      { body: JSON.stringify({ ...letter, token: 'a.b.c' }), headers: {}, path: external },
      { body: good, headers: { 'x-admin-auth': 'wrong' }, path: '/admin/send_mail' },
      { body: good, headers: { ...headers, 'content-encoding': 'gzip' } },
      { headers: { ...headers, 'content-length': String(2 ** 30) } },
      { method: 'GET' },
      { method: 'GET', path: '/api/nothing' },
      { method: 'GET', path: '/api/nothing', headers: {} },
      { method: 'GET', path: '/api/sendbox?limit=0&offset=0' },
      { method: 'GET', path: '/api/sendbox?limit=5&offset=x' },
      { method: 'GET', path: '/admin/show_password/-1', headers: admin },
      { body: '{"name":"...","domain":""}', path: '/api/new_address' },
      { body: '{"name":"a","domain":"nowhere.test"}', path: '/api/new_address' },
      { body: '{"email":"a@b.test"}', path: '/api/address_login' },
      { body: '{"sendBlockList":5}', path: '/admin/account_settings', headers: admin },
      { body: '{"address_id":"x"}', path: '/admin/address_sender', headers: admin },
    ],
  };
}

function tempMailLetter(): fc.Arbitrary<object> {
  const filled = (given: fc.Arbitrary<string>) => given.map(words => `${words}.`);
  return fc.record(
    {
      from_name: name,
      to_name: name,
      to_mail: address,
      subject: filled(line),
      content: filled(text),
      is_html: fc.oneof(fc.boolean(), fc.constantFrom('false', 0, null)),
    },
    { requiredKeys: ['to_mail', 'subject', 'content'] },
  );
}

/** The SMTP Mailer, told to go to servers that nobody may name. */
export function smtpMailerApi(): FuzzApi {
  const good = '{"from":"a@b.test","to":"c@d.test","subject":"s","text":"t"}';
  const login = { email: 'a@b.test', password: 'secret' };
  const inside = { server: '10.0.0.1', port: '25', secure: 'false' };
  const headers = { ...inside, ...login };
  const list = fc.oneof(mailboxText, fc.array(mailboxText, { minLength: 1, maxLength: 5 }));
  const optional = { cc: list, bcc: list, replyTo: list, subject: line, text, html: text };
  const message = fc.record({ from: mailboxText, to: list, ...optional }, { requiredKeys: ['from', 'to'] });
  const hosts = [
    '10.0.0.1',
    '[fe80::1]',
    '169.254.169.254',
    '0xa000001',
    '::ffff:10.0.0.1',
    '[2002:a00:1::]',
  ];
  return {
    path: '/api/smtp',
    headers,
    valid: fc
      .tuple(message, fc.constantFrom(...hosts))
      .map(([given, server]) => ({ ...inJson(given), headers: { ...headers, server } })),
    faulty: [
      { body: '' },
      { body: '[1]' },
      { body: '['.repeat(1_000) },
      { body: '{"to":"c@d.test"}' },
      { body: '{"from":"a@b.test","to":"c@d.test","subject":"a\\nb","text":"\\u0000"}' },
      { body: JSON.stringify({ from: 'a@b.test', to: manyRecipients() }) },
      { body: '{"from":"a@b.test","to":"c@d.test","attachments":[1]}' },
      { body: good, headers: login },
      { body: good, headers: inside },
      { body: good, headers: { ...headers, port: '65536' } },
      { body: good, headers: { ...headers, secure: 'perhaps' } },
      { body: good, headers: { ...headers, server: 'a b' } },
      { body: good, headers: { ...inside, authorization: 'Basic ====' } },
      { body: good, headers: { ...headers, 'content-encoding': 'br' } },
      { headers: { ...headers, 'content-length': String(2 ** 30) } },
      { body: good, path: '/api/smtp/x' },
      { method: 'GET' },
    ],
  };
}

/** The providers API; what it makes stays disabled and is sent nothing. */
export function providersApi(manageKey: string, sendKey: string): FuzzApi {
  const headers = { authorization: `Bearer ${manageKey}` };
  const provider = fc.record(
    {
      driver: fc.constant('smtp'),
      host: fc.constantFrom('smtp.example.test', '192.0.2.1', '[2001:db8::1]'),
      port: fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom('25', '587')),
      username: name,
      password: name,
      sendFrom: address,
      sendFromName: name,
      encryption: fc.constantFrom('tls', 'ssl'),
      isEnabled: fc.constantFrom(false, 0, '0'),
      caption: fc.oneof(name, fc.constant(null)),
      unknown: fc.jsonValue({ maxDepth: 3 }),
    },
    { noNullPrototype: true },
  );
  const path = '/api/v2/mail/providers';
  return {
    path,
    headers,
    valid: provider.map(inJson),
    faulty: [
      { body: '' },
      { body: '{' },
      { body: '['.repeat(1_000) },
      { body: '[]' },
      { body: '{"driver":"x","port":0,"host":"a\\r\\nb","sendFrom":"nobody","isEnabled":"perhaps"}' },
      { headers: {} },
      { headers: { authorization: 'Bearer pk_1_wrong' } },
      { headers: { authorization: `Bearer ${sendKey}` } },
      { body: '{}', headers: { ...headers, 'content-encoding': 'gzip' } },
      { headers: { ...headers, 'content-length': String(2 ** 30) } },
      ...['0', '-1', '999999', '9007199254740993', 'x', '%00'].map(id => ({
        method: 'PATCH',
        path: `${path}/${id}`,
        body: '{"caption":"c"}',
      })),
      { method: 'GET', path: `${path}/999999/status` },
      { method: 'GET', path: `${path}?limit=0&offset=-1&sort_by=x&filter[isEnabled]=2` },
      { method: 'GET', path: `${path}/1/x` },
      { method: 'DELETE' },
    ],
  };
}
