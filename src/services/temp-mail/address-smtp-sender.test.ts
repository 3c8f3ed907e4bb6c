import { describe, expect, test } from 'vitest';
import {
  ADMIN,
  addressOf,
  DOMAIN,
  type RigSettings,
  SECRET,
  signJwt,
  startTempMail,
} from '../../../test/helpers/gates/temp-mail-rig.ts';
import { AppError } from '../../core/errors.ts';

const CLIENT = '192.0.2.1';
const A = addressOf('a@example.com');
const B = addressOf('b@example.com');
const MIME = [
  `From: Me <probe@${DOMAIN}>`,
  'To: The A <a@example.com>',
  'Cc: b@example.com',
  'Bcc: c@example.com',
  'Reply-To: r@example.com',
  'Subject: Hello',
  'Message-ID: <x@example.com>',
  'Date: Thu, 31 Jan 2030 23:00:00 +0000',
  'Content-Type: text/html',
  '',
  '<b>x</b>',
  '',
].join('\r\n');

/** A rig with one address that has logged in by SMTP. */
async function startSender(settings: RigSettings = {}) {
  const rig = await startTempMail(settings);
  const probe = await rig.open();
  const sender = await rig.tempMail.logIn({ user: 'jwt', password: probe.jwt }, CLIENT);
  if (sender === undefined) throw new Error('The JWT was refused.');
  const setPolicy = (body: object) => rig.ask('POST /admin/account_settings', { body, headers: ADMIN });
  const mail = (mime: string, ...recipients: (typeof A)[]) => ({
    sender: probe.address,
    recipients,
    mime: Buffer.from(mime),
    trace: [{ name: 'Received', value: 'from somewhere' }],
  });
  return { rig, probe, sender, setPolicy, mail };
}

/** The code and the reason of the AppError that an action throws; undefined if it throws none. */
async function refusalOf(action: () => unknown): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return [error.code, error.details.reason ?? ''].join(' ').trim();
    throw error;
  }
}

describe('the SMTP login of an address', () => {
  test('accepts the JWT as the password with any user name', async () => {
    const { rig, probe } = await startSender();
    for (const user of ['jwt', probe.address, '', 'anything']) {
      const sender = await rig.tempMail.logIn({ user, password: probe.jwt }, CLIENT);
      expect(sender?.name).toBe(probe.address);
    }
  });

  test('accepts the password of the address with the address as user name', async () => {
    const { rig } = await startSender({ config: { addressPasswords: true } });
    const made = JSON.parse((await rig.ask('POST /api/new_address', { body: { name: 'second' } })).body) as {
      password: string;
    };
    const logIn = (user: string, password = made.password) => rig.tempMail.logIn({ user, password }, CLIENT);
    expect((await logIn(`second@${DOMAIN}`))?.name).toBe(`second@${DOMAIN}`);
    expect(await logIn(`probe@${DOMAIN}`)).toBeUndefined();
    expect(await logIn('jwt')).toBeUndefined();
    expect(await logIn(`second@${DOMAIN}`, 'wrong')).toBeUndefined();
  });

  test('accepts no password if addresses have none', async () => {
    const { rig } = await startSender();
    for (const password of ['', 'sesame', SECRET]) {
      expect(await rig.tempMail.logIn({ user: `probe@${DOMAIN}`, password }, CLIENT)).toBeUndefined();
    }
  });

  test.each([
    ['badly signed', signJwt({ address: `probe@${DOMAIN}` }, { secret: 'another' })],
    ['expired', signJwt({ address: `probe@${DOMAIN}`, exp: 1 })],
    ['without an address', signJwt({ address_id: 1 })],
  ])('refuses a JWT that is %s', async (_description, password) => {
    const { rig } = await startSender();
    expect(await rig.tempMail.logIn({ user: 'jwt', password }, CLIENT)).toBeUndefined();
  });

  test('is blocked after 50 failures, except for a valid JWT', async () => {
    const { rig, probe } = await startSender({ exemptsLoopback: false });
    const logIn = (password: string) => rig.tempMail.logIn({ user: 'jwt', password }, CLIENT);
    for (let tried = 0; tried < 50; tried++) await logIn('wrong');
    expect(await refusalOf(() => logIn('wrong'))).toBe('rate_limited');
    expect((await logIn(probe.jwt))?.name).toBe(probe.address);
  });
});

describe('MAIL FROM of an address', () => {
  test('must be that address', async () => {
    const { sender, probe } = await startSender();
    expect(await refusalOf(() => sender.checkSender(probe.address))).toBeUndefined();
    expect(await refusalOf(() => sender.checkSender(addressOf(`other@${DOMAIN}`)))).toBe(
      'sender_not_allowed',
    );
    expect(await refusalOf(() => sender.checkSender(''))).toBe('sender_not_allowed');
  });

  test('is refused if its domain is no longer configured', async () => {
    const { rig } = await startSender();
    const address = addressOf('probe@gone.test');
    const gone = rig.tempMail.senderFor({ id: 9, address, passwordHash: null, createdAt: 0 });
    expect(await refusalOf(() => gone.checkSender(address))).toBe('sender_not_allowed');
  });
});

test('an address that was removed after its SMTP login sends no message', async () => {
  const { rig, probe, sender, mail } = await startSender();
  await rig.ask('DELETE /api/delete_address', { headers: probe.headers });
  expect(await refusalOf(() => sender.checkSender(probe.address))).toBe('unauthenticated');
  expect(await refusalOf(() => sender.submit(mail(MIME, A)))).toBe('unauthenticated');
  expect(rig.accepted).toEqual([]);
});

test('MAIL FROM of an address is refused if the account is disabled', async () => {
  const { sender, probe } = await startSender({ isAccountEnabled: false });
  expect(await refusalOf(() => sender.checkSender(probe.address))).toBe('account_inactive');
});

describe('RCPT TO of an address', () => {
  test('is refused if the recipient matches the block list', async () => {
    const { sender, setPolicy } = await startSender();
    await setPolicy({ sendBlockList: ['A@example'] });
    expect(await refusalOf(() => sender.checkRecipient(A, 0))).toBe('forbidden blocked');
    expect(await refusalOf(() => sender.checkRecipient(B, 0))).toBeUndefined();
  });

  test('is refused if the balance is used up', async () => {
    const { sender } = await startSender({ config: { defaultBalance: 2 } });
    expect(await refusalOf(() => sender.checkRecipient(A, 0))).toBeUndefined();
    expect(await refusalOf(() => sender.checkRecipient(A, 1))).toBeUndefined();
    expect(await refusalOf(() => sender.checkRecipient(B, 2))).toBe('rate_limited no-balance');
  });

  test('is refused if the quota is used up', async () => {
    const { sender, setPolicy } = await startSender();
    const limits = { dailyEnabled: true, dailyLimit: 1, monthlyEnabled: false };
    await setPolicy({ sendMailLimitConfig: limits });
    expect(await refusalOf(() => sender.checkRecipient(A, 0))).toBeUndefined();
    expect(await refusalOf(() => sender.checkRecipient(B, 1))).toBe('rate_limited quota-day');
    await setPolicy({
      sendMailLimitConfig: { ...limits, dailyLimit: -1, monthlyEnabled: true, monthlyLimit: 0 },
    });
    expect(await refusalOf(() => sender.checkRecipient(A, 0))).toBe('rate_limited quota-month');
  });
});

describe('a message that an address submits by SMTP', () => {
  test('is accepted without its Bcc field, and costs one for each recipient', async () => {
    const { rig, probe, sender, mail } = await startSender();
    await sender.submit(mail(MIME, A, B));
    const [message] = rig.accepted;
    expect(String(message?.mime)).toBe(
      `Received: from somewhere\r\n${MIME.replace('Bcc: c@example.com\r\n', '')}`,
    );
    expect(message?.envelope).toEqual({ sender: probe.address, recipients: [A, B] });
    expect(await rig.balanceOf(probe.address)).toBe(8);
  });

  test('is in the sent items', async () => {
    const { rig, probe, sender, mail } = await startSender();
    await sender.submit(mail(MIME, A, B));
    const { body } = await rig.ask('GET /api/sendbox?limit=10&offset=0', { headers: probe.headers });
    const { results } = JSON.parse(body) as { results: { raw: string }[] };
    expect(JSON.parse(results[0]?.raw ?? '')).toEqual({
      version: 'v2',
      from_name: 'Me',
      to_name: 'The A',
      to_mail: 'a@example.com, b@example.com',
      subject: 'Hello',
      content: expect.stringContaining('<b>x</b>'),
      is_html: true,
    });
  });

  test.each([
    ['another', 'From: x@example.com'],
    ['its own and another', `From: probe@${DOMAIN}, x@example.com`],
    ['in a second field another', `From: probe@${DOMAIN}\r\nFrom: x@example.com`],
  ])('is refused if its From has %s address', async (_description, from) => {
    const { rig, probe, sender, mail } = await startSender();
    const mime = MIME.replace(/^From: .*/, from);
    expect(await refusalOf(() => sender.submit(mail(mime, A)))).toBe('sender_not_allowed');
    expect(rig.accepted).toEqual([]);
    expect((await rig.balanceOf(probe.address)) ?? 10).toBe(10);
  });

  test('is refused if its From cannot be parsed', async () => {
    const { sender, mail } = await startSender();
    expect(await refusalOf(() => sender.submit(mail(MIME.replace(/^From: .*/, 'From: nobody'), A)))).toBe(
      'invalid',
    );
  });

  test('is refused if another From follows after more header bytes than the gate reads', async () => {
    const { sender, mail } = await startSender();
    const long = `X: ${'x'.repeat(900)}\r\n`.repeat(300);
    const mime = MIME.replace('\r\n\r\n', `\r\n${long}From: x@example.com\r\n\r\n`);
    expect(await refusalOf(() => sender.submit(mail(mime, A)))).toBe('invalid');
  });

  test('is refused for all recipients if the balance does not suffice for all', async () => {
    const { rig, probe, sender, mail } = await startSender({ config: { defaultBalance: 3 } });
    await sender.submit(mail(MIME, A, B));
    expect(await refusalOf(() => sender.submit(mail(MIME, A, B)))).toBe('rate_limited no-balance');
    expect(await rig.balanceOf(probe.address)).toBe(1);
    expect(rig.accepted).toHaveLength(1);
  });

  test('is refused if the quota was used up after RCPT', async () => {
    const { sender, mail, setPolicy } = await startSender();
    await setPolicy({
      sendMailLimitConfig: { dailyEnabled: true, dailyLimit: 1, monthlyEnabled: false },
    });
    await sender.submit(mail(MIME, A));
    expect(await refusalOf(() => sender.submit(mail(MIME, A)))).toBe('rate_limited quota-day');
  });
});
