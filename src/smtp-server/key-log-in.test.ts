import { expect, test } from 'vitest';
import type { AccountLimits, Principal } from '../core/account.ts';
import { newAccount } from '../core/account.ts';
import type { Address } from '../core/address.ts';
import type { Submission } from '../core/submission.ts';
import { chooseLogIn, createKeyLogIn } from './key-log-in.ts';

const KEY = `pk_1_${'x'.repeat(27)}`;
const TO = 'to@rcpt.test' as Address;

function setUp(limits: AccountLimits = {}) {
  const submitted: { account: string; submission: Submission }[] = [];
  const state: { principal: Principal | undefined } = { principal: undefined };
  const change = (more: Partial<Principal['account']>) => {
    const account = newAccount({ id: 1, name: 'shop', allowedSenders: ['@sender.test'], createdAt: 0 });
    state.principal = { account: { ...account, limits, ...more }, scopes: ['send'], by: 1 };
  };
  change({});
  const logIn = createKeyLogIn({
    authenticate: async ({ key }) => (key === KEY ? state.principal : undefined),
    async submit({ account }, submission) {
      submitted.push({ account: account.name, submission });
      return { id: 'm', messageIdHeader: '<m@x>', replayed: false, recipients: [] };
    },
  });
  const enter = async () => {
    const sender = await logIn({ user: 'anything', password: KEY }, '192.0.2.1');
    if (sender === undefined) throw new Error('The login failed');
    return sender;
  };
  return { logIn, enter, submitted, state, change };
}

test('the login succeeds with a key and any user name, and fails with another password', async () => {
  const { enter, logIn } = setUp();
  expect((await enter()).name).toBe('shop');
  expect(await logIn({ user: 'shop', password: 'x' }, '192.0.2.1')).toBeUndefined();
});

test('a message is submitted raw, with its trace field, in the dialect smtp', async () => {
  const { enter, submitted } = setUp();
  const mime = Buffer.from('Subject: x\r\n\r\n');
  const trace = [{ name: 'Received', value: 'by us' }];
  await (await enter()).submit({ sender: '', recipients: [TO], mime, trace });
  expect(submitted).toEqual([
    {
      account: 'shop',
      submission: {
        dialect: 'smtp',
        envelope: { sender: '', recipients: [TO] },
        body: { kind: 'raw', mime, trace },
      },
    },
  ]);
});

test('every account may use the null sender, and no foreign sender', async () => {
  const sender = await setUp().enter();
  await sender.checkSender('');
  await expect(sender.checkSender('a@other.test' as Address)).rejects.toMatchObject({
    code: 'sender_not_allowed',
  });
});

test('recipients over the limit of the account are refused at RCPT, so that they can go in another message', async () => {
  const sender = await setUp({ maxRecipientsPerMessage: 2 }).enter();
  await sender.checkRecipient(TO, 1);
  await expect(sender.checkRecipient(TO, 2)).rejects.toMatchObject({ code: 'too_many_recipients' });
});

test('a change of the account takes effect at the next command', async () => {
  const { enter, change, state } = setUp();
  const sender = await enter();
  await sender.checkSender('a@sender.test' as Address);
  change({ allowedSenders: ['@new.test'] });
  await expect(sender.checkSender('a@sender.test' as Address)).rejects.toMatchObject({
    code: 'sender_not_allowed',
  });
  state.principal = undefined;
  await expect(sender.checkRecipient(TO, 0)).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('a password in the form of a key is checked as a key only, and every other password by the other login', async () => {
  const asked: string[] = [];
  const ask = (name: string) => async () => {
    asked.push(name);
    return undefined;
  };
  const logIn = chooseLogIn(ask('keys'), ask('others'));
  for (const password of [KEY, 'eyJhbGciOiJIUzI1NiJ9.e30.x', 'pk_1_short', ''])
    await logIn({ user: '', password }, '192.0.2.1');
  expect(asked).toEqual(['keys', 'others', 'others', 'others']);
});
