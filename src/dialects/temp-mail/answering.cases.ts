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
  accepts('health_check: OK', 'GET /health_check', 'OK', {
    headers: ANYBODY,
    asks: { operation: 'tempMailInfo', input: NOTHING },
    output: info,
  }),
  accepts(
    'open_api/settings lists domains, prefix and the SMTP settings',
    'GET /open_api/settings',
    '{"prefix":"tmp","domains":["temp-mail.test"],"defaultDomains":["temp-mail.test"],"needAuth":false,' +
      '"enableUserCreateEmail":true,"enableUserDeleteEmail":true,"enableSendMail":true,' +
      '"enableAddressPassword":false,' +
      '"smtpImapProxyConfig":{"smtp":{"host":"mail.example.com","port":8025,"starttls":true}}}',
    { headers: ANYBODY, asks: { operation: 'tempMailInfo', input: NOTHING }, output: info },
  ),
  accepts(
    'new_address gives jwt, address, password and address_id',
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
    'new_address without a body takes any name',
    CREATE,
    '{"jwt":"a.b.c","address":"probe@temp-mail.test","password":"Abcdefg2","address_id":7}',
    {
      headers: ANYBODY,
      asks: { operation: 'tempMailOpen', input: { name: '', domain: '' } },
      output: { address: probe, jwt: 'a.b.c', password: 'Abcdefg2' },
    },
  ),
  accepts(
    'address_login gives jwt and address',
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

const holder = [
  accepts('send_mail', SEND, '{"status":"ok"}', { body: MESSAGE, asks: sends() }),
  accepts('any Content-Type, even one that is none', SEND, '{"status":"ok"}', {
    body: MESSAGE,
    headers: { 'content-type': 'nonsense' },
    asks: sends(),
  }),
  accepts('JSON labelled as a form', SEND, '{"status":"ok"}', {
    body: MESSAGE,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    asks: sends(),
  }),
  accepts('the Bearer scheme in any capitals', SEND, '{"status":"ok"}', {
    body: MESSAGE,
    headers: { authorization: `bEaReR ${GOOD_TOKEN}` },
    asks: sends(),
  }),
  accepts('is_html is truthiness: the string "false" is HTML', SEND, '{"status":"ok"}', {
    body: { ...MESSAGE, is_html: 'false' },
    asks: sends({ isHtml: true }),
  }),
  accepts('is_html is truthiness: 0 is text', SEND, '{"status":"ok"}', {
    body: { ...MESSAGE, is_html: 0 },
    asks: sends({ isHtml: false }),
  }),
  accepts('null and "" mean absent in a letter', SEND, '{"status":"ok"}', {
    body: { to_mail: 'you@example.com', from_name: null, to_name: '', subject: 'Hello', content: 'Text' },
    asks: sends({ fromName: '', toName: '' }),
  }),
  accepts('external send_mail: the token in the body, no header needed', EXTERNAL, '{"status":"ok"}', {
    headers: ANYBODY,
    body: { token: GOOD_TOKEN, ...MESSAGE },
    asks: sends(),
  }),
  accepts('request_send_mail_access', 'POST /api/request_send_mail_access', '{"status":"ok"}', {
    asks: { operation: 'tempMailRequestAccess', input: NOTHING },
  }),
  accepts(
    'settings gives address and send_balance',
    'GET /api/settings',
    '{"address":"probe@temp-mail.test","send_balance":9}',
    {
      asks: { operation: 'tempMailBalance', input: NOTHING },
      output: { address: 'probe@temp-mail.test', balance: 9 },
    },
  ),
  accepts(
    'sendbox: id, address, raw and created_at of each, and the count',
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
    'sendbox: the count is 0 when the offset is not',
    'GET /api/sendbox?limit=100&offset=20',
    '{"results":[],"count":0}',
    {
      asks: { operation: 'tempMailSent', input: { limit: 100, offset: 20 } },
      output: { items: [], count: 5 },
    },
  ),
  accepts('clear_sent_items', 'DELETE /api/clear_sent_items', '{"success":true}', {
    asks: { operation: 'tempMailClearSent', input: NOTHING },
  }),
  accepts('delete_address', 'DELETE /api/delete_address', '{"success":true}', {
    asks: { operation: 'tempMailLeave', input: NOTHING },
  }),
];

const administrator = [
  accepts(
    'admin/new_address: the prefix only if enablePrefix',
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
  accepts('admin/show_password gives the jwt', 'GET /admin/show_password/7', '{"jwt":"a.b.c"}', {
    headers: ADMIN,
    asks: { operation: 'tempMailJwt', input: { id: 7 } },
    output: 'a.b.c',
  }),
  accepts('admin/delete_address', 'DELETE /admin/delete_address/7', '{"success":true}', {
    headers: ADMIN,
    asks: { operation: 'tempMailRemove', input: { id: 7 } },
  }),
  accepts('admin/send_mail adds from_mail', 'POST /admin/send_mail', '{"status":"ok"}', {
    headers: ADMIN,
    body: { from_mail: 'probe@temp-mail.test', ...MESSAGE },
    asks: { operation: 'tempMailSendAs', input: { from: 'probe@temp-mail.test', message: ASKED } },
  }),
  accepts(
    'GET admin/address_sender',
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
    'GET admin/address_sender without a window',
    'GET /admin/address_sender',
    '{"results":[],"count":0}',
    {
      headers: ADMIN,
      asks: { operation: 'tempMailBalances', input: { limit: 100, offset: 0 } },
      output: { items: [], count: 0 },
    },
  ),
  accepts('POST admin/address_sender', 'POST /admin/address_sender', '{"success":true}', {
    headers: ADMIN,
    body: { address: 'probe@temp-mail.test', address_id: 4, balance: 50, enabled: true },
    asks: {
      operation: 'tempMailSetBalance',
      input: { id: 4, address: 'probe@temp-mail.test', balance: 50, isEnabled: true },
    },
  }),
  accepts('DELETE admin/address_sender', 'DELETE /admin/address_sender/4', '{"success":true}', {
    headers: ADMIN,
    asks: { operation: 'tempMailRemoveBalance', input: { id: 4 } },
  }),
  accepts(
    'GET admin/account_settings',
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
  accepts('POST admin/account_settings', 'POST /admin/account_settings', '{"success":true}', {
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
  }),
];

/** Accepted requests. */
export const answering = [...open, ...holder, ...administrator];
