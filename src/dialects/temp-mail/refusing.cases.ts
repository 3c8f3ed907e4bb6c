import { GOOD_TOKEN } from '../../../test/suites/dialect.ts';
import { AppError, invalidField } from '../../core/errors.ts';
import { TempMailError, type TempMailRefusal } from '../../core/temp-mail-refusal.ts';
import {
  ADMIN,
  ANYBODY,
  ASKED,
  CHINESE,
  CREATE,
  EXTERNAL,
  MESSAGE,
  NOTHING,
  refuses,
  SEND,
  sends,
} from './objects.cases.ts';

const TOKEN_REFUSED = [400, 'Failed to send mail invalid JWT token'] as const;
const BAD_TOKEN = { authorization: 'Bearer nobody.knows.it' };

const credentials = [
  refuses('POST /api/send_mail without a JWT', SEND, [401, 'Invalid address credential'], {
    headers: ANYBODY,
    body: MESSAGE,
  }),
  refuses('POST /api/send_mail with a wrong JWT', SEND, [401, 'Invalid address credential'], {
    headers: BAD_TOKEN,
    body: MESSAGE,
  }),
  refuses('POST /api/send_mail with a wrong JWT, in Chinese', SEND, [401, '无效的邮箱地址凭据'], {
    headers: { ...BAD_TOKEN, ...CHINESE },
    body: MESSAGE,
  }),
  refuses(
    'a request in an unknown language, with an English error',
    SEND,
    [401, 'Invalid address credential'],
    {
      headers: { ...BAD_TOKEN, 'x-lang': 'fr' },
      body: MESSAGE,
    },
  ),
  refuses('a JWT in a cookie', SEND, [401, 'Invalid address credential'], {
    headers: { ...ANYBODY, cookie: `token=${GOOD_TOKEN}; authorization=Bearer ${GOOD_TOKEN}` },
    body: MESSAGE,
  }),
  refuses('a missing JWT before a malformed body', SEND, [401, 'Invalid address credential'], {
    headers: ANYBODY,
    body: '{',
  }),
  refuses('POST /external/api/send_mail without a token', EXTERNAL, TOKEN_REFUSED, {
    headers: ANYBODY,
    body: MESSAGE,
  }),
  refuses('POST /external/api/send_mail with the token only in the header', EXTERNAL, TOKEN_REFUSED, {
    body: MESSAGE,
  }),
  refuses('POST /external/api/send_mail with a wrong token, without echoing it', EXTERNAL, TOKEN_REFUSED, {
    headers: ANYBODY,
    body: { ...MESSAGE, token: 'nobody.knows.it' },
  }),
  refuses('POST /external/api/send_mail with a token that is not a string', EXTERNAL, TOKEN_REFUSED, {
    headers: ANYBODY,
    body: { ...MESSAGE, token: 5 },
  }),
  refuses('admin paths without a password', 'GET /admin/address_sender', [
    401,
    'You need to provide the admin password to access this page',
  ]),
  refuses(
    'admin paths with a wrong password',
    'POST /admin/send_mail',
    [401, 'You need to provide the admin password to access this page'],
    { headers: { 'x-admin-auth': 'wrong' }, body: MESSAGE },
  ),
  refuses(
    'admin paths with a wrong password, in Chinese',
    'DELETE /admin/delete_address/7',
    [401, '您需要提供管理员密码才能访问此页面'],
    { headers: { 'x-admin-auth': 'wrong', ...CHINESE } },
  ),
];

const malformed = [
  refuses('malformed JSON', SEND, [400, 'Invalid input'], { body: '{' }),
  refuses('malformed JSON, in Chinese', SEND, [400, '输入无效'], { body: '{', headers: CHINESE }),
  refuses('malformed JSON at /external/api/send_mail', EXTERNAL, [400, 'Invalid input'], {
    headers: ANYBODY,
    body: '{',
  }),
  refuses('malformed JSON at /api/new_address', CREATE, [400, 'Invalid input'], {
    headers: ANYBODY,
    body: '{',
  }),
  refuses('JSON that is not an object', SEND, [400, 'Invalid input'], { body: '"text"' }),
  refuses('JSON that is nested too deeply', SEND, [400, 'Invalid input'], { body: '[{"a":'.repeat(5000) }),
  refuses('a text field that is not a string', SEND, [400, 'Invalid input'], {
    body: { ...MESSAGE, subject: 5 },
  }),
  refuses('GET /api/sendbox without a limit', 'GET /api/sendbox?offset=0', [400, 'Invalid limit']),
  refuses('GET /api/sendbox with limit 0', 'GET /api/sendbox?limit=0&offset=0', [400, 'Invalid limit']),
  refuses('GET /api/sendbox with limit 101', 'GET /api/sendbox?limit=101&offset=0', [400, 'Invalid limit']),
  refuses(
    'GET /api/sendbox with limit 101, in Chinese',
    'GET /api/sendbox?limit=101&offset=0',
    [400, '无效的 limit 参数'],
    {
      headers: CHINESE,
    },
  ),
  refuses('GET /api/sendbox without an offset', 'GET /api/sendbox?limit=1', [400, 'Invalid offset']),
  refuses('GET /api/sendbox with offset -1', 'GET /api/sendbox?limit=1&offset=-1', [400, 'Invalid offset']),
  refuses(
    'POST /admin/address_sender without address_id',
    'POST /admin/address_sender',
    [400, 'Invalid address_id'],
    { headers: ADMIN, body: { address: 'probe@temp-mail.test', balance: 5, enabled: true } },
  ),
  refuses(
    'POST /admin/address_sender with a negative balance',
    'POST /admin/address_sender',
    [400, 'Invalid input'],
    { headers: ADMIN, body: { address: 'probe@temp-mail.test', address_id: 4, balance: -5, enabled: true } },
  ),
  refuses(
    'POST /admin/account_settings with settings that the gate does not have',
    'POST /admin/account_settings',
    [400, 'Invalid input'],
    { headers: ADMIN, body: { sendBlockList: [], verifiedAddressList: ['a@b.c'] } },
  ),
  ...[
    { sendBlockList: 'spam' },
    { sendBlockList: [5] },
    { sendMailLimitConfig: [] },
    { sendMailLimitConfig: { dailyEnabled: 'yes', monthlyEnabled: false, dailyLimit: 5 } },
    { sendMailLimitConfig: { dailyEnabled: true, monthlyEnabled: false } },
    { sendMailLimitConfig: { dailyEnabled: true, monthlyEnabled: false, dailyLimit: -2 } },
    { sendMailLimitConfig: { dailyEnabled: false, monthlyEnabled: true, monthlyLimit: 1.5 } },
  ].map(body =>
    refuses(
      `POST /admin/account_settings with ${JSON.stringify(body)}`,
      'POST /admin/account_settings',
      [400, 'Invalid input'],
      {
        headers: ADMIN,
        body,
      },
    ),
  ),
  refuses(
    'a body of POST /api/new_address above 64 KiB',
    CREATE,
    [413, 'The body is larger than 65536 bytes.'],
    {
      headers: ANYBODY,
      body: { name: 'x'.repeat(65_536) },
    },
  ),
];

/** What the gate refuses, at send_mail: in English and in Chinese. */
const REFUSALS: readonly (readonly [AppError | [TempMailRefusal, string?], number, string, string?])[] = [
  [['no-address'], 400, 'Address not found', '邮箱地址不存在'],
  [['domain'], 400, 'Invalid domain', '无效的域名'],
  [['no-balance'], 400, 'No balance', '余额不足'],
  [['recipient'], 400, 'Invalid recipient address', '收件人地址无效'],
  [['blocked'], 400, 'Address is blocked', '地址已被屏蔽'],
  [['subject'], 400, 'Subject is empty', '主题不能为空'],
  [['content'], 400, 'Content is empty', '内容不能为空'],
  [['quota-day'], 400, 'Server daily send quota has been reached', '服务器今日发信次数已达上限'],
  [['quota-month'], 400, 'Server monthly send quota has been reached', '服务器本月发信次数已达上限'],
  [
    ['no-provider', 'temp-mail.test'],
    400,
    'Please enable resend, smtp or SEND_MAIL for this domain (temp-mail.test)',
    '请先为此域名启用 resend、smtp 或 SEND_MAIL (temp-mail.test)',
  ],
  [['rejected', '550 5.1.1 No such user'], 400, '550 5.1.1 No such user', '550 5.1.1 No such user'],
  [invalidField('subject', 'must not hold line breaks'), 400, 'subject: must not hold line breaks'],
  [new AppError('sender_not_allowed', 'Not as\r\nthis.'), 400, 'Not as this.'],
  [new AppError('account_inactive', 'It is disabled.'), 400, 'It is disabled.'],
  [new AppError('too_large', 'It is too large.'), 400, 'It is too large.'],
  [new AppError('too_many_recipients', 'They are too many.'), 400, 'They are too many.'],
  [new AppError('all_suppressed', 'Nobody wants it.'), 400, 'Nobody wants it.'],
];

const refusals = REFUSALS.flatMap(([given, status, english, chinese]) => {
  const error = Array.isArray(given) ? new TempMailError(...given) : given;
  const golden = { body: MESSAGE, asks: sends(), output: error };
  const errorLine = (text: string) => [status, `Failed to send mail ${text}`] as const;
  const admin = { operation: 'tempMailSendAs' as const, input: { from: '', message: ASKED } };
  return [
    refuses(`POST /api/send_mail with the error: ${english}`, SEND, errorLine(english), golden),
    refuses(`POST /external/api/send_mail with the error: ${english}`, EXTERNAL, errorLine(english), {
      ...golden,
      headers: ANYBODY,
      body: { token: GOOD_TOKEN, ...MESSAGE },
    }),
    refuses(`POST /admin/send_mail with the error: ${english}`, 'POST /admin/send_mail', [status, english], {
      ...golden,
      headers: ADMIN,
      asks: admin,
    }),
    ...(chinese === undefined
      ? []
      : [
          refuses(`POST /api/send_mail in Chinese with the error: ${english}`, SEND, errorLine(chinese), {
            ...golden,
            headers: CHINESE,
          }),
        ]),
  ];
});

const later = [
  refuses('a message above a rate limit', SEND, [429, 'Failed to send mail Slow down.'], {
    body: MESSAGE,
    asks: sends(),
    output: new AppError('rate_limited', 'Slow down.', { retryAfterSeconds: 7 }),
    sent: { 'retry-after': '7' },
  }),
  refuses('a message while the store is unavailable', SEND, [503, 'Failed to send mail No room.'], {
    body: MESSAGE,
    asks: sends(),
    output: new AppError('unavailable', 'No room.', { retryAfterSeconds: 30 }),
    sent: { 'retry-after': '30' },
  }),
  refuses(
    'a charge that the store refused, with the error of its reason',
    SEND,
    [400, 'Failed to send mail No balance'],
    {
      body: MESSAGE,
      asks: sends(),
      output: new AppError('rate_limited', 'Short.', { reason: 'no-balance', retryAfterSeconds: 3600 }),
    },
  ),
];

const creation = (
  [
    ['domain', 'Invalid domain', '无效的域名'],
    ['name-too-short', 'Name is too short (min 1)', '名称太短 (min 1)', 'min 1'],
    ['name-too-long', 'Name is too long (max 30)', '名称太长 (max 30)', 'max 30'],
    ['address-exists', 'Address already exists', '邮箱地址已存在'],
  ] as const
).flatMap(([refusal, english, chinese, detail]) => {
  const golden = {
    headers: ANYBODY,
    body: {},
    asks: { operation: 'tempMailOpen' as const, input: { name: '', domain: '' } },
    output: new TempMailError(refusal, detail),
  };
  return [
    refuses(
      `POST /api/new_address with the error: ${english}`,
      CREATE,
      [400, `Failed to create address: ${english}`],
      golden,
    ),
    refuses(
      `POST /api/new_address in Chinese with the error: ${english}`,
      CREATE,
      [400, `创建邮箱地址失败: ${chinese}`],
      {
        ...golden,
        headers: { ...ANYBODY, ...CHINESE },
      },
    ),
    refuses(
      `POST /admin/new_address with the error: ${english}`,
      'POST /admin/new_address',
      [400, `Failed to create address: ${english}`],
      {
        ...golden,
        headers: ADMIN,
        asks: { operation: 'tempMailAdd', input: { name: '', domain: '', hasPrefix: false } },
      },
    ),
  ];
});

const others = (
  [
    [
      'creation-disabled',
      CREATE,
      403,
      'New address is disabled, please contact the administrator',
      'tempMailOpen',
    ],
    ['login-disabled', 'POST /api/address_login', 403, 'Password login is disabled', 'tempMailLogIn'],
    ['login-fields', 'POST /api/address_login', 400, 'Email and password are required', 'tempMailLogIn'],
    ['address-not-found', 'POST /api/address_login', 404, 'Address not found', 'tempMailLogIn'],
    ['login', 'POST /api/address_login', 401, 'Invalid email or password', 'tempMailLogIn'],
  ] as const
).map(([refusal, at, status, line, operation]) =>
  refuses(`${at} with the error: ${line}`, at, [status, line], {
    headers: ANYBODY,
    body: {},
    asks:
      operation === 'tempMailOpen'
        ? { operation, input: { name: '', domain: '' } }
        : { operation, input: { address: '', password: '' } },
    output: new TempMailError(refusal),
  }),
);

const more = [
  refuses(
    'POST /admin/new_address without a name',
    'POST /admin/new_address',
    [400, 'Required field is missing'],
    {
      headers: ADMIN,
      body: {},
      asks: { operation: 'tempMailAdd', input: { name: '', domain: '', hasPrefix: false } },
      output: new TempMailError('missing-field'),
    },
  ),
  refuses(
    'POST /api/request_send_mail_access with the error: Already requested',
    'POST /api/request_send_mail_access',
    [400, 'Already requested'],
    {
      asks: { operation: 'tempMailRequestAccess', input: NOTHING },
      output: new TempMailError('already-requested'),
    },
  ),
  refuses(
    'GET /admin/show_password/:id with an id that is not a number',
    'GET /admin/show_password/seven',
    [404, 'Address not found'],
    {
      headers: ADMIN,
      asks: { operation: 'tempMailJwt', input: { id: 0 } },
      output: new TempMailError('address-not-found'),
    },
  ),
  ...['GET /api/nothing', 'POST /external/nothing', 'GET /open_api/nothing'].map(at =>
    refuses(`the unknown path ${at}`, at, [404, 'Not Found']),
  ),
  refuses('an unknown path of administrators', 'GET /admin/nothing', [404, 'Not Found'], { headers: ADMIN }),
  ...['GET /api/nothing', 'PUT /api/send_mail', 'GET /api/'].map(at =>
    refuses(
      `a missing JWT before an unknown path or method: ${at}`,
      at,
      [401, 'Invalid address credential'],
      {
        headers: ANYBODY,
      },
    ),
  ),
  ...['GET /admin/nothing', 'PUT /admin/send_mail'].map(at =>
    refuses(`a missing admin password before an unknown path or method: ${at}`, at, [
      401,
      'You need to provide the admin password to access this page',
    ]),
  ),
  ...['PUT /external/api/send_mail', 'DELETE /api/new_address', 'GET /api/address_login'].map(at =>
    refuses(`an unknown method of a route without a JWT: ${at}`, at, [404, 'Not Found'], {
      headers: ANYBODY,
      sent: { allow: 'POST, OPTIONS' },
    }),
  ),
  refuses('an unknown method of a route with a JWT', 'PUT /api/send_mail', [404, 'Not Found'], {
    sent: { allow: 'POST, OPTIONS' },
  }),
  refuses('an unknown method of health_check', 'POST /health_check', [404, 'Not Found'], {
    headers: ANYBODY,
    sent: { allow: 'GET, HEAD, OPTIONS' },
  }),
  ...[
    '/api/send_mail',
    '/admin/send_mail',
    '/external/api/send_mail',
    '/open_api/settings',
    '/api/nothing',
  ].map(url => ({
    name: `answers OPTIONS ${url}`,
    request: { method: 'OPTIONS', url, headers: ANYBODY },
    reply: {
      status: 204,
      headers: {
        'access-control-allow-origin': '*',
        'x-content-type-options': 'nosniff',
        'access-control-allow-methods': 'GET,HEAD,PUT,POST,DELETE,PATCH',
        'access-control-allow-headers': 'Authorization,Content-Type,x-admin-auth,x-custom-auth,x-lang,*',
      },
      body: '',
    },
  })),
];

/** Refused requests, and CORS preflight requests. */
export const refusing = [
  ...credentials,
  ...malformed,
  ...refusals,
  ...later,
  ...creation,
  ...others,
  ...more,
];
