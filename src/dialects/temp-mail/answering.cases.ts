import { GOOD_TOKEN } from '../../../test/suites/dialect.ts';
import { parseAddress } from '../../core/address.ts';
import {
  ADMIN,
  ANYBODY,
  ASKED,
  accepts,
  CREATE,
  EXTERNAL,
  MESSAGE,
  NOTHING,
  SEND,
  sends,
} from './objects.cases.ts';

const address = (text: string) => {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
};
const probe = { id: 7, address: address('probe@temp-mail.test'), passwordHash: null, createdAt: 0 };
export const info = {
  domains: ['temp-mail.test'],
  prefix: 'tmp',
  hasSitePassword: false,
  userCreation: true,
  addressPasswords: false,
  smtp: { host: 'mail.example.com', port: 8025, starttls: true },
};

const open = [
  accepts('GET /health_check, and returns OK', 'GET /health_check', 'OK', {
    headers: ANYBODY,
    asks: { operation: 'tempMailInfo', input: NOTHING },
    output: info,
  }),
  accepts(
    'GET /open_api/settings, and returns domains, prefix and SMTP settings',
    'GET /open_api/settings',
    '{"prefix":"tmp","domains":["temp-mail.test"],"defaultDomains":["temp-mail.test"],"needAuth":false,' +
      '"enableUserCreateEmail":true,"enableUserDeleteEmail":true,"enableSendMail":true,' +
      '"enableAddressPassword":false,' +
      '"smtpImapProxyConfig":{"smtp":{"host":"mail.example.com","port":8025,"starttls":true}}}',
    { headers: ANYBODY, asks: { operation: 'tempMailInfo', input: NOTHING }, output: info },
  ),
  accepts(
    'POST /api/new_address, and returns jwt, address, password and address_id',
    CREATE,
    '{"jwt":"a.b.c","address":"probe@temp-mail.test","password":null,"address_id":7}',
    {
      headers: ANYBODY,
      body: { name: 'probe', domain: 'temp-mail.test' },
      asks: { operation: 'tempMailOpen', input: { name: 'probe', domain: 'temp-mail.test' } },
      output: { address: probe, jwt: 'a.b.c', password: null },
    },
  ),
  accepts(
    'POST /api/new_address without a body, for a random name',
    CREATE,
    '{"jwt":"a.b.c","address":"probe@temp-mail.test","password":"Abcdefg2","address_id":7}',
    {
      headers: ANYBODY,
      asks: { operation: 'tempMailOpen', input: { name: '', domain: '' } },
      output: { address: probe, jwt: 'a.b.c', password: 'Abcdefg2' },
    },
  ),
  accepts(
    'POST /api/address_login, and returns jwt and address',
    'POST /api/address_login',
    '{"jwt":"a.b.c","address":"probe@temp-mail.test"}',
    {
      headers: ANYBODY,
      body: { email: 'probe@temp-mail.test', password: 'Abcdefg2' },
      asks: {
        operation: 'tempMailLogIn',
        input: { address: 'probe@temp-mail.test', password: 'Abcdefg2' },
      },
      output: { jwt: 'a.b.c', address: probe },
    },
  ),
];

const owner = [
  accepts('POST /api/send_mail', SEND, '{"status":"ok"}', { body: MESSAGE, asks: sends() }),
  accepts('any Content-Type, even an invalid one', SEND, '{"status":"ok"}', {
    body: MESSAGE,
    headers: { 'content-type': 'nonsense' },
    asks: sends(),
  }),
  accepts('JSON with the Content-Type of a form', SEND, '{"status":"ok"}', {
    body: MESSAGE,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    asks: sends(),
  }),
  accepts('the scheme Bearer in any case', SEND, '{"status":"ok"}', {
    body: MESSAGE,
    headers: { authorization: `bEaReR ${GOOD_TOKEN}` },
    asks: sends(),
  }),
  accepts('the string "false" in is_html as HTML, because it is truthy', SEND, '{"status":"ok"}', {
    body: { ...MESSAGE, is_html: 'false' },
    asks: sends({ isHtml: true }),
  }),
  accepts('0 in is_html as text, because it is not truthy', SEND, '{"status":"ok"}', {
    body: { ...MESSAGE, is_html: 0 },
    asks: sends({ isHtml: false }),
  }),
  accepts('null and "" as absent fields of a message', SEND, '{"status":"ok"}', {
    body: { to_mail: 'you@example.com', from_name: null, to_name: '', subject: 'Hello', content: 'Text' },
    asks: sends({ fromName: '', toName: '' }),
  }),
  accepts(
    'POST /external/api/send_mail with the token in the body and no header',
    EXTERNAL,
    '{"status":"ok"}',
    {
      headers: ANYBODY,
      body: { token: GOOD_TOKEN, ...MESSAGE },
      asks: sends(),
    },
  ),
  accepts('POST /api/request_send_mail_access', 'POST /api/request_send_mail_access', '{"status":"ok"}', {
    asks: { operation: 'tempMailRequestAccess', input: NOTHING },
  }),
  accepts(
    'GET /api/settings, and returns address and send_balance',
    'GET /api/settings',
    '{"address":"probe@temp-mail.test","send_balance":9}',
    {
      asks: { operation: 'tempMailBalance', input: NOTHING },
      output: { address: 'probe@temp-mail.test', balance: 9 },
    },
  ),
  accepts(
    'GET /api/sendbox, and returns id, address, raw and created_at of each item, and the count',
    'GET /api/sendbox?limit=20&offset=0',
    '{"results":[{"id":3,"address":"probe@temp-mail.test","raw":"{}","created_at":"2030-01-02 03:04:05"}],"count":5}',
    {
      asks: { operation: 'tempMailSent', input: { limit: 20, offset: 0 } },
      output: {
        items: [
          { id: 3, address: 'probe@temp-mail.test', raw: '{}', createdAt: Date.UTC(2030, 0, 2, 3, 4, 5) },
        ],
        count: 5,
      },
    },
  ),
  accepts(
    'GET /api/sendbox with an offset, and returns the count 0',
    'GET /api/sendbox?limit=100&offset=20',
    '{"results":[],"count":0}',
    {
      asks: { operation: 'tempMailSent', input: { limit: 100, offset: 20 } },
      output: { items: [], count: 5 },
    },
  ),
  accepts('DELETE /api/clear_sent_items', 'DELETE /api/clear_sent_items', '{"success":true}', {
    asks: { operation: 'tempMailClearSent', input: NOTHING },
  }),
  accepts('DELETE /api/delete_address', 'DELETE /api/delete_address', '{"success":true}', {
    asks: { operation: 'tempMailLeave', input: NOTHING },
  }),
];

const administrator = [
  accepts(
    'POST /admin/new_address with enablePrefix',
    'POST /admin/new_address',
    '{"jwt":"a.b.c","address":"probe@temp-mail.test","password":null,"address_id":7}',
    {
      headers: ADMIN,
      body: { name: 'probe', domain: 'temp-mail.test', enablePrefix: true },
      asks: {
        operation: 'tempMailAdd',
        input: { name: 'probe', domain: 'temp-mail.test', hasPrefix: true },
      },
      output: { address: probe, jwt: 'a.b.c', password: null },
    },
  ),
  accepts(
    'GET /admin/show_password/:id, and returns the JWT',
    'GET /admin/show_password/7',
    '{"jwt":"a.b.c"}',
    {
      headers: ADMIN,
      asks: { operation: 'tempMailJwt', input: { id: 7 } },
      output: 'a.b.c',
    },
  ),
  accepts('DELETE /admin/delete_address/:id', 'DELETE /admin/delete_address/7', '{"success":true}', {
    headers: ADMIN,
    asks: { operation: 'tempMailRemove', input: { id: 7 } },
  }),
  accepts('POST /admin/send_mail with from_mail', 'POST /admin/send_mail', '{"status":"ok"}', {
    headers: ADMIN,
    body: { from_mail: 'probe@temp-mail.test', ...MESSAGE },
    asks: { operation: 'tempMailSendAs', input: { from: 'probe@temp-mail.test', message: ASKED } },
  }),
  accepts(
    'GET /admin/address_sender',
    'GET /admin/address_sender?limit=10&offset=0&address=probe',
    '{"results":[{"id":4,"address":"probe@temp-mail.test","balance":10,"enabled":1,"created_at":"2030-01-02 03:04:05"}],"count":1}',
    {
      headers: ADMIN,
      asks: { operation: 'tempMailBalances', input: { limit: 10, offset: 0, address: 'probe' } },
      output: {
        items: [
          {
            id: 4,
            address: probe.address,
            balance: 10,
            isEnabled: true,
            createdAt: Date.UTC(2030, 0, 2, 3, 4, 5),
          },
        ],
        count: 1,
      },
    },
  ),
  accepts(
    'GET /admin/address_sender without limit and offset',
    'GET /admin/address_sender',
    '{"results":[],"count":0}',
    {
      headers: ADMIN,
      asks: { operation: 'tempMailBalances', input: { limit: 100, offset: 0 } },
      output: { items: [], count: 0 },
    },
  ),
  accepts(
    'POST /admin/address_sender, and changes a balance',
    'POST /admin/address_sender',
    '{"success":true}',
    {
      headers: ADMIN,
      body: { address: 'probe@temp-mail.test', address_id: 4, balance: 50, enabled: true },
      asks: {
        operation: 'tempMailSetBalance',
        input: { id: 4, address: 'probe@temp-mail.test', balance: 50, isEnabled: true },
      },
    },
  ),
  accepts('DELETE /admin/address_sender/:id', 'DELETE /admin/address_sender/4', '{"success":true}', {
    headers: ADMIN,
    asks: { operation: 'tempMailRemoveBalance', input: { id: 4 } },
  }),
  accepts(
    'GET /admin/account_settings',
    'GET /admin/account_settings',
    '{"sendBlockList":["spam"],"sendMailLimitConfig":{"dailyEnabled":true,"monthlyEnabled":false,"dailyLimit":5,"monthlyLimit":-1}}',
    {
      headers: ADMIN,
      asks: { operation: 'tempMailPolicy', input: NOTHING },
      output: {
        sendBlockList: ['spam'],
        sendLimits: { dailyEnabled: true, monthlyEnabled: false, dailyLimit: 5, monthlyLimit: -1 },
      },
    },
  ),
  accepts(
    'POST /admin/account_settings, and changes the policy',
    'POST /admin/account_settings',
    '{"success":true}',
    {
      headers: ADMIN,
      body: {
        blockList: [],
        verifiedAddressList: [],
        emailRuleSettings: {},
        sendBlockList: [' spam ', ''],
        sendMailLimitConfig: { dailyEnabled: true, monthlyEnabled: false, dailyLimit: 0, monthlyLimit: null },
      },
      asks: {
        operation: 'tempMailSetPolicy',
        input: {
          sendBlockList: ['spam'],
          sendLimits: { dailyEnabled: true, monthlyEnabled: false, dailyLimit: 0, monthlyLimit: -1 },
        },
      },
    },
  ),
];

/** Accepted requests. */
export const answering = [...open, ...owner, ...administrator];
