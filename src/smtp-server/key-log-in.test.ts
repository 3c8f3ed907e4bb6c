import { expect, test } from 'vitest';
import type { AccountLimits, Principal } from '../core/account.ts';
import { newAccount } from '../core/account.ts';
import type { Address } from '../core/address.ts';
import type { Submission } from '../core/submission.ts';
import { createKeyLogIn, keysOr } from './key-log-in.ts';

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
    if (sender === undefined) throw new Error('Nobody');
    return sender;
  };
  return { logIn, enter, submitted, state, change };
}

test('a key is asked for whatever the user name, and anything else is nobody', async () => {
  const { enter, logIn } = setUp();
  expect((await enter()).name).toBe('shop');
  expect(await logIn({ user: 'shop', password: 'x' }, '192.0.2.1')).toBeUndefined();
});

test('what is submitted is the raw message with its trace, in the dialect smtp', async () => {
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

test('the null sender is nobody, and so anybody may use it', async () => {
  const sender = await setUp().enter();
  await sender.checkSender('');
  await expect(sender.checkSender('a@other.test' as Address)).rejects.toMatchObject({
    code: 'sender_not_allowed',
  });
});

test("more recipients than the account's own limit are for another message", async () => {
  const sender = await setUp({ maxRecipientsPerMessage: 2 }).enter();
  await sender.checkRecipient(TO, 1);
  await expect(sender.checkRecipient(TO, 2)).rejects.toMatchObject({ code: 'too_many_recipients' });
});

test('what is changed after the login counts from the next command on', async () => {
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

test('what has the form of a key is asked of the keys alone, all else of the others', async () => {
  const asked: string[] = [];
  const ask = (name: string) => async () => {
    asked.push(name);
    return undefined;
  };
  const logIn = keysOr(ask('keys'), ask('others'));
  for (const password of [KEY, 'eyJhbGciOiJIUzI1NiJ9.e30.x', 'pk_1_short', ''])
    await logIn({ user: '', password }, '192.0.2.1');
  expect(asked).toEqual(['keys', 'others', 'others', 'others']);
});
