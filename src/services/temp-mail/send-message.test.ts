import { describe, expect, test } from 'vitest';
import {
  ADMIN,
  type Answered,
  answeredBy,
  DOMAIN,
  type FirstAttempt,
  type RigSettings,
  startTempMail,
  type TempMailRig,
} from '../../../test/helpers/gates/temp-mail-rig.ts';

const MESSAGE = {
  from_name: 'Me',
  to_name: 'You',
  to_mail: 'you@example.com',
  subject: 'Hello',
  content: 'Text',
  is_html: false,
};
const OK: Answered = { status: 200, type: 'application/json', body: '{"status":"ok"}' };
const NO_USER = { code: 550, enhanced: '5.1.1', text: 'No such user' };

function failed(message: string): Answered {
  return { status: 400, type: 'text/plain;charset=UTF-8', body: `Failed to send mail ${message}` };
}

/** A rig with one address, and a function that sends as it. */
async function startSending(settings: RigSettings = {}) {
  const rig = await startTempMail(settings);
  const probe = await rig.open();
  const send = (changes: object = {}, headers: object = {}) =>
    rig.ask('POST /api/send_mail', {
      body: { ...MESSAGE, ...changes },
      headers: { ...probe.headers, ...headers },
    });
  return { rig, probe, send };
}

function setPolicy(rig: TempMailRig, body: object): Promise<Answered> {
  return rig.ask('POST /admin/account_settings', { body, headers: ADMIN });
}

function limits(more: object): object {
  return { sendMailLimitConfig: { dailyEnabled: false, monthlyEnabled: false, ...more } };
}

describe('POST /api/send_mail', () => {
  test('sends a text message from the address in the JWT to one recipient', async () => {
    const { rig, probe, send } = await startSending();
    expect(await send({ from: 'evil@example.com', from_mail: 'evil@example.com' })).toEqual(OK);
    const [message] = rig.accepted;
    expect(message?.envelope).toEqual({ sender: probe.address, recipients: ['you@example.com'] });
    const mime = String(message?.mime);
    expect(mime).toContain(`From: Me <probe@${DOMAIN}>\r\n`);
    expect(mime).toContain('To: You <you@example.com>\r\n');
    expect(mime).toContain('Subject: Hello\r\n');
    expect(mime).toContain('Content-Type: text/plain; charset="utf-8"\r\n');
    expect(mime).not.toContain('multipart');
    expect(mime.slice(mime.indexOf('\r\n\r\n'))).toBe('\r\n\r\nText\r\n');
  });

  test('sends HTML if is_html is any truthy value', async () => {
    const { rig, send } = await startSending();
    await send({ content: '<b>x</b>', is_html: 'false' });
    const mime = String(rig.accepted[0]?.mime);
    expect(mime).toContain('Content-Type: text/html; charset="utf-8"\r\n');
    expect(mime).not.toContain('multipart');
  });

  test('has a variant at /external, with the token in the body', async () => {
    const { rig, probe } = await startSending();
    const body = { token: probe.jwt, ...MESSAGE };
    expect(await rig.ask('POST /external/api/send_mail', { body })).toEqual(OK);
    expect(rig.accepted).toHaveLength(1);
  });

  test('accepts names in any script, and omits an empty name', async () => {
    const { rig, send } = await startSending();
    await send({ from_name: '寄件人', to_name: '' });
    const mime = String(rig.accepted[0]?.mime);
    expect(mime).toMatch(/^From: =\?utf-8\?.*\?= <probe@temp-mail\.test>\r$/im);
    expect(mime).toContain('To: you@example.com\r\n');
  });
});

describe('POST /api/send_mail refuses a message', () => {
  test.each([
    [{ to_mail: '' }, 'Invalid recipient address'],
    [{ to_mail: null }, 'Invalid recipient address'],
    [{ to_mail: 'nobody' }, 'Invalid recipient address'],
    [{ to_mail: ['you@example.com'] }, 'Invalid recipient address'],
    [{ to_mail: 'a@example.com, b@example.com' }, 'Invalid recipient address'],
    [{ to_mail: 'you@example.com\r\nBcc: x@example.com' }, 'Invalid recipient address'],
    [{ subject: '' }, 'Subject is empty'],
    [{ content: '' }, 'Content is empty'],
    [{ subject: 'a\r\nBcc: x@example.com' }, 'subject: must not hold line breaks or NUL'],
    [{ content: 'a\0b' }, 'content: must not hold NUL'],
    [{ from_name: 'a\r\nb' }, 'from_name: the name contains a control character'],
    [{ to_name: 'a\nb' }, 'to_name: the name contains a control character'],
  ])('with %j', async (changes, message) => {
    const { rig, probe, send } = await startSending();
    expect(await send(changes)).toEqual(failed(message));
    expect(rig.accepted).toEqual([]);
    expect(await rig.balanceOf(probe.address)).toBe(10);
  });

  test('if the domain of the address is not configured', async () => {
    const { rig, probe } = await startSending({ config: { domains: ['other.test'] } });
    const headers = ADMIN;
    const body = { ...MESSAGE, from_mail: `probe@${DOMAIN}` };
    expect(probe.address).toBe('probe@other.test');
    expect((await rig.ask('POST /admin/send_mail', { body, headers })).body).toBe('Invalid domain');
  });

  test.each([['spam'], ['EXAMPLE.com'], ['you@']])(
    'to an address that contains %s, which is in the block list',
    async entry => {
      const { rig, send } = await startSending();
      await setPolicy(rig, { sendBlockList: ['nothing', entry] });
      expect(await send({ to_mail: entry === 'spam' ? 'a@spam.test' : 'you@example.com' })).toEqual(
        failed('Address is blocked'),
      );
      expect(await send({ to_mail: 'you@other.example' })).toEqual(
        entry === 'you@' ? failed('Address is blocked') : OK,
      );
    },
  );

  test('if no provider accepts the sender domain', async () => {
    const { rig, probe, send } = await startSending({ senderDomains: ['elsewhere.test'] });
    expect(await send()).toEqual(
      failed(`Please enable resend, smtp or SEND_MAIL for this domain (${DOMAIN})`),
    );
    expect(await rig.balanceOf(probe.address)).toBe(10);
  });

  test('if the account may not send as the address, or is disabled', async () => {
    const foreign = await startSending({ allowedSenders: ['@elsewhere.test'] });
    expect(await foreign.send()).toEqual(failed(`The account default may not send as probe@${DOMAIN}.`));
    const disabled = await startSending({ isAccountEnabled: false });
    expect(await disabled.send()).toEqual(failed('The account of these addresses is disabled.'));
  });

  test('in Chinese on request', async () => {
    const { send } = await startSending({ config: { defaultBalance: 0 } });
    expect(await send({}, { 'x-lang': 'zh' })).toEqual(failed('余额不足'));
  });
});

describe('the checks of POST /api/send_mail come in this order:', () => {
  /** The first message fails every check. Each further message fails one check less. */
  test('domain, balance, recipient, block list, subject, content, quota, provider', async () => {
    const settings = { config: { defaultBalance: 0 }, senderDomains: ['elsewhere.test'] };
    const { rig, probe, send } = await startSending(settings);
    await setPolicy(rig, {
      sendBlockList: ['you'],
      ...limits({ dailyEnabled: true, dailyLimit: 0, monthlyEnabled: true, monthlyLimit: 0 }),
    });
    const message = { to_mail: '', subject: '', content: '' };
    expect(await send(message)).toEqual(failed('No balance'));
    const row = await rig.store.addresses.openBalance({ address: probe.address, whenNew: 3, now: 0 });
    await rig.store.addresses.setBalance({ ...row, balance: 3, isEnabled: true });
    expect(await send(message)).toEqual(failed('Invalid recipient address'));
    expect(await send({ ...message, to_mail: 'you@x.test' })).toEqual(failed('Address is blocked'));
    expect(await send({ ...message, to_mail: 'a@x.test' })).toEqual(failed('Subject is empty'));
    expect(await send({ to_mail: 'a@x.test', content: '' })).toEqual(failed('Content is empty'));
    const good = { to_mail: 'a@x.test' };
    expect(await send(good)).toEqual(failed('Server daily send quota has been reached'));
    await setPolicy(rig, limits({ monthlyEnabled: true, monthlyLimit: 0 }));
    expect(await send(good)).toEqual(failed('Server monthly send quota has been reached'));
    await setPolicy(rig, limits({}));
    expect((await send(good)).body).toMatch(/^Failed to send mail Please enable/);
    expect(await rig.balanceOf(probe.address)).toBe(3);
    expect(rig.accepted).toEqual([]);
  });
});

describe('the first attempt of POST /api/send_mail', () => {
  test('returns the permanent reply on one line, and neither charges nor stores anything', async () => {
    const { rig, probe, send } = await startSending();
    await setPolicy(
      rig,
      limits({ dailyEnabled: true, dailyLimit: 1, monthlyEnabled: true, monthlyLimit: 1 }),
    );
    rig.firstAttempt(answeredBy(NO_USER));
    expect(await send()).toEqual(failed('550 5.1.1 No such user'));
    expect(await send()).toEqual(failed('550 5.1.1 No such user'));
    expect(await rig.balanceOf(probe.address)).toBe(10);
    const sent = await rig.ask('GET /api/sendbox?limit=10&offset=0', { headers: probe.headers });
    expect(sent.body).toBe('{"results":[],"count":0}');
    rig.firstAttempt(async () => 'queued');
    expect(await send()).toEqual(OK);
    expect(await send()).toEqual(failed('Server daily send quota has been reached'));
  });

  test('returns 200 after a temporary failure', async () => {
    const { rig, probe, send } = await startSending();
    rig.firstAttempt(answeredBy({ code: 451, text: 'Later' }));
    expect(await send()).toEqual(OK);
    expect(await rig.balanceOf(probe.address)).toBe(9);
  });

  test('returns 200 if it takes longer than waitMs', async () => {
    const { rig, probe, send } = await startSending({ config: { waitMs: 20 } });
    const tooLong: FirstAttempt = (_id, signal) =>
      new Promise(resolve => signal.addEventListener('abort', () => resolve('queued')));
    rig.firstAttempt(tooLong);
    expect(await send()).toEqual(OK);
    expect(await rig.balanceOf(probe.address)).toBe(9);
  });
});

describe('the quotas of temp-mail', () => {
  test('apply to all addresses together, for each day and month in UTC', async () => {
    const { rig, send } = await startSending({ config: { defaultBalance: 100 } });
    await setPolicy(
      rig,
      limits({ dailyEnabled: true, dailyLimit: 2, monthlyEnabled: true, monthlyLimit: 3 }),
    );
    const other = await rig.open('other');
    expect(await send()).toEqual(OK);
    expect(await rig.ask('POST /api/send_mail', { body: MESSAGE, headers: other.headers })).toEqual(OK);
    expect(await send()).toEqual(failed('Server daily send quota has been reached'));
    expect(await send({}, { 'x-lang': 'zh' })).toEqual(failed('服务器今日发信次数已达上限'));
    // The clock of the rig starts in the last hour of a month.
    rig.advance(3_600_000);
    expect([await send(), await send()]).toEqual([OK, OK]);
    rig.advance(24 * 3_600_000);
    expect(await send()).toEqual(OK);
    expect(await send()).toEqual(failed('Server monthly send quota has been reached'));
  });

  test('are unlimited at -1, and block everything at 0', async () => {
    const { rig, send } = await startSending();
    await setPolicy(rig, limits({ dailyEnabled: true, dailyLimit: -1 }));
    expect(await send()).toEqual(OK);
    await setPolicy(rig, limits({ dailyEnabled: true, dailyLimit: 0 }));
    expect(await send()).toEqual(failed('Server daily send quota has been reached'));
    await setPolicy(rig, limits({ dailyEnabled: false, dailyLimit: 0 }));
    expect(await send()).toEqual(OK);
  });

  test('are not exceeded by concurrent messages', async () => {
    const { rig, send } = await startSending({ config: { defaultBalance: 5 } });
    await setPolicy(rig, limits({ dailyEnabled: true, dailyLimit: 3 }));
    const answers = await Promise.all(Array.from({ length: 10 }, () => send()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(
      answers.filter(({ body }) => body.endsWith('Server daily send quota has been reached')),
    ).toHaveLength(7);
    expect(rig.accepted).toHaveLength(3);
  });

  test('and the block list are stored, and returned to the administrator', async () => {
    const { rig } = await startSending();
    const show = async () => (await rig.ask('GET /admin/account_settings', { headers: ADMIN })).body;
    expect(await show()).toBe(
      '{"sendBlockList":[],"sendMailLimitConfig":{"dailyEnabled":false,"monthlyEnabled":false,"dailyLimit":-1,"monthlyLimit":-1}}',
    );
    await setPolicy(rig, { sendBlockList: ['spam'] });
    await setPolicy(rig, limits({ dailyEnabled: true, dailyLimit: 7 }));
    expect(await show()).toBe(
      '{"sendBlockList":["spam"],"sendMailLimitConfig":{"dailyEnabled":true,"monthlyEnabled":false,"dailyLimit":7,"monthlyLimit":-1}}',
    );
  });
});

describe('POST /admin/send_mail', () => {
  const asAdmin = (rig: TempMailRig, changes: object) =>
    rig.ask('POST /admin/send_mail', { body: { ...MESSAGE, ...changes }, headers: ADMIN });

  test('sends as any address of the domains, and charges no balance', async () => {
    const { rig, probe } = await startSending();
    expect(await asAdmin(rig, { from_mail: probe.address })).toEqual(OK);
    expect(await asAdmin(rig, { from_mail: `nobody@${DOMAIN}` })).toEqual(OK);
    expect(rig.accepted.map(({ envelope }) => envelope.sender)).toEqual([probe.address, `nobody@${DOMAIN}`]);
    expect(await rig.balanceOf(probe.address)).toBeUndefined();
  });

  test.each([
    [{ from_mail: '' }, 'Address not found'],
    [{ from_mail: 'nobody' }, 'Invalid domain'],
    [{ from_mail: 'a@example.com' }, 'Invalid domain'],
    [{ from_mail: `a@${DOMAIN}`, to_mail: '' }, 'Invalid recipient address'],
    [{ from_mail: `a@${DOMAIN}`, subject: '' }, 'Subject is empty'],
  ])('refuses %j, with an error without the prefix', async (changes, message) => {
    const { rig } = await startSending();
    expect(await asAdmin(rig, changes)).toEqual({
      status: 400,
      type: 'text/plain;charset=UTF-8',
      body: message,
    });
  });

  test('is subject to the quota, and returns the reply of the provider', async () => {
    const { rig, probe } = await startSending();
    rig.firstAttempt(answeredBy(NO_USER));
    expect((await asAdmin(rig, { from_mail: probe.address })).body).toBe('550 5.1.1 No such user');
    await setPolicy(rig, limits({ dailyEnabled: true, dailyLimit: 0 }));
    expect((await asAdmin(rig, { from_mail: probe.address })).body).toBe(
      'Server daily send quota has been reached',
    );
  });
});

describe('GET /api/sendbox', () => {
  test('lists the sent items, the newest first, without the token', async () => {
    const { rig, probe, send } = await startSending();
    await send();
    rig.advance(61_000);
    const body = { token: probe.jwt, ...MESSAGE, is_html: 'yes', from_name: null };
    await rig.ask('POST /external/api/send_mail', { body });
    const list = async (query: string) =>
      JSON.parse((await rig.ask(`GET /api/sendbox?${query}`, { headers: probe.headers })).body) as {
        results: { id: number; raw: string }[];
        count: number;
      };
    const { results, count } = await list('limit=10&offset=0');
    const raw = (fromName: string, isHtml: boolean) =>
      `{"version":"v2","from_name":"${fromName}","to_name":"You","to_mail":"you@example.com","subject":"Hello","content":"Text","is_html":${isHtml}}`;
    expect(results).toEqual([
      {
        id: expect.any(Number),
        address: probe.address,
        raw: raw('', true),
        created_at: '2030-01-31 23:01:01',
      },
      {
        id: expect.any(Number),
        address: probe.address,
        raw: raw('Me', false),
        created_at: '2030-01-31 23:00:00',
      },
    ]);
    expect(count).toBe(2);
    const second = await list('limit=1&offset=1');
    expect(second).toEqual({ results: [results[1]], count: 0 });
    await rig.ask('DELETE /api/clear_sent_items', { headers: probe.headers });
    expect(await list('limit=10&offset=0')).toEqual({ results: [], count: 0 });
  });

  test('does not show the sent items of another address', async () => {
    const { rig, send } = await startSending();
    await send();
    const other = await rig.open('other');
    const { body } = await rig.ask('GET /api/sendbox?limit=10&offset=0', { headers: other.headers });
    expect(body).toBe('{"results":[],"count":0}');
  });
});
