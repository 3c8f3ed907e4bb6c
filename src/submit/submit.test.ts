import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CAPTURE } from '../../test/helpers/stores/records.ts';
import { type AccountLimits, newAccount, type Principal } from '../core/account.ts';
import type { Address } from '../core/address.ts';
import { createIds, msOfId } from '../core/id.ts';
import type { Submission } from '../core/submission.ts';
import { createIdleDelivery } from '../delivery/delivery.ts';
import { openStore } from '../store/open-store.ts';
import type { NewMessage, Store } from '../store/store.ts';
import { createSubmit, type Submit } from './submit.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const from = 'shop@sender.test' as Address;
const to = 'ada@rcpt.test' as Address;

const submission: Submission = {
  dialect: 'test',
  envelope: { sender: from, recipients: [to] },
  body: {
    kind: 'content',
    content: {
      from: { address: from },
      to: [{ address: to }],
      cc: [],
      replyTo: [],
      subject: 'Hi',
      text: 'Hello',
      attachments: [],
      headers: [],
    },
  },
};

const principal: Principal = {
  account: newAccount({ id: 1, name: 'default', allowedSenders: ['@sender.test'], createdAt: 0 }),
  scopes: ['send'],
  by: 1,
};

const provider = { ...CAPTURE, sendFrom: 'default@sender.test' as Address, sendFromName: 'Default' };

let folder: string;
let store: Store;
let submitter: Submit;
let delivery: Awaited<ReturnType<typeof createIdleDelivery>>;
let accepted: NewMessage[];

async function open(limits = { maxQueued: 100 }): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'postern-submit-'));
  store = await openStore(`sqlite:${join(folder, 'store.sqlite')}`, {
    now: () => NOW,
    minFreeBytes: 0,
    ...limits,
  });
  accepted = [];
  await store.registry.add('provider', 'one', id => ({ ...provider, id }));
  delivery = await createIdleDelivery(store);
  submitter = connectSubmitter(() => NOW);
}

/** Connects `submit` to the store and to delivery, with the given clock. */
function connectSubmitter(now: () => number): Submit {
  const { dispatcher, providers } = delivery;
  let count = 0;
  return createSubmit({
    store,
    delivery: dispatcher,
    lease: 1,
    providers,
    policy: {
      maxRecipients: 2,
      maxMessageBytes: 2_000,
      expiryMs: 72 * HOUR,
      maxExpiryMs: 5 * DAY,
      maxScheduleMs: 30 * DAY,
    },
    newId: createIds(1, now),
    newToken: () => `token${String(++count).padStart(8, '0')}`,
    now,
    onAccepted: message => accepted.push(message),
  });
}

beforeEach(() => open());
afterEach(close);

async function close(): Promise<void> {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

function withContent(change: object): Submission {
  if (submission.body.kind !== 'content') throw new Error('not content');
  return { ...submission, body: { ...submission.body, content: { ...submission.body.content, ...change } } };
}

describe('submit', () => {
  test('stores the composed message before it resolves', async () => {
    const { id, messageIdHeader, recipients, replayed } = await submitter.submit(principal, submission);
    expect({ recipients, replayed }).toEqual({
      recipients: [{ address: to, state: 'queued' }],
      replayed: false,
    });
    const body = await store.history.body(id);
    expect(String(body)).toContain(`Message-ID: ${messageIdHeader}\r\n`);
    expect(await store.history.message(id)).toMatchObject({
      subject: 'Hi',
      sender: from,
      lane: 1,
      expiresAt: NOW + 72 * HOUR,
    });
    expect(accepted.map(message => message.id)).toEqual([id]);
  });

  test.each<[string, Submission, Principal, object]>([
    ['a key without the scope', submission, { ...principal, scopes: ['read'] }, { code: 'forbidden' }],
    [
      'a From that the account may not use',
      withContent({ from: { address: 'x@other.test' } }),
      principal,
      { code: 'sender_not_allowed' },
    ],
    [
      'an envelope sender that the account may not use',
      { ...submission, envelope: { sender: 'x@other.test' as Address, recipients: [to] } },
      principal,
      { code: 'sender_not_allowed' },
    ],
    [
      'no recipient',
      { ...submission, envelope: { sender: from, recipients: [] } },
      principal,
      { code: 'invalid' },
    ],
    [
      'too many recipients',
      { ...submission, envelope: { sender: from, recipients: [to, to, to] } },
      principal,
      { code: 'too_many_recipients' },
    ],
    [
      'a message that is too large',
      withContent({ text: 'x'.repeat(2_000) }),
      principal,
      { code: 'too_large' },
    ],
    [
      'a time too far ahead',
      { ...submission, sendAt: NOW + 31 * DAY },
      principal,
      { code: 'invalid', details: { field: 'sendAt' } },
    ],
    [
      'an expiry before the time of sending',
      { ...submission, sendAt: NOW + HOUR, expiresAt: NOW },
      principal,
      { code: 'invalid', details: { field: 'expiresAt' } },
    ],
    [
      'an expiry too far ahead',
      { ...submission, expiresAt: NOW + 6 * DAY },
      principal,
      { code: 'invalid', details: { field: 'expiresAt' } },
    ],
  ])('refuses %s and stores nothing', async (_name, given, caller, error) => {
    await expect(submitter.submit(caller, given)).rejects.toMatchObject(error);
    expect((await store.history.list({}, { limit: 1 })).items).toEqual([]);
  });

  test('refuses a raw message with a From that the account may not use', async () => {
    const mime = Buffer.from('From: boss@other.test\r\nSubject: x\r\n\r\nx\r\n');
    await expect(
      submitter.submit(principal, { ...submission, body: { kind: 'raw', mime } }),
    ).rejects.toMatchObject({ code: 'sender_not_allowed' });
  });

  test('refuses a raw message whose header is too large', async () => {
    const mime = Buffer.from(`From: ${from}\r\n${'X: y\r\n'.repeat(50_000)}\r\nx\r\n`);
    await expect(submitter.submit(principal, { ...submission, body: { kind: 'raw', mime } })).rejects.toThrow(
      /header/,
    );
  });

  test('refuses a raw message that is in a loop', async () => {
    const mime = Buffer.from(`${'Received: from a by b\r\n'.repeat(51)}From: ${from}\r\n\r\nx\r\n`);
    await expect(submitter.submit(principal, { ...submission, body: { kind: 'raw', mime } })).rejects.toThrow(
      /loop/,
    );
  });

  test('adds the default From of the provider when the caller gives none', async () => {
    const { id } = await submitter.submit(principal, {
      ...withContent({ from: undefined }),
      envelope: { sender: '', recipients: [to] },
    });
    expect(await store.history.message(id)).toMatchObject({
      sender: 'default@sender.test',
      from: 'default@sender.test',
    });
    expect(String(await store.history.body(id))).toContain('From: Default <default@sender.test>\r\n');
  });

  test('sets the Date of a scheduled message to its due time, and starts its expiry there', async () => {
    const { id } = await submitter.submit(principal, { ...submission, sendAt: NOW + DAY });
    const view = await store.history.message(id);
    expect(view).toMatchObject({ expiresAt: NOW + DAY + 72 * HOUR, recipients: [{ dueAt: NOW + DAY }] });
    expect(String(await store.history.body(id))).toContain('Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n');
  });

  test('answers a repeated request with the same key by the same message, and another request by a conflict', async () => {
    const keyed = { ...submission, idempotencyKey: 'order-1' };
    const first = await submitter.submit(principal, keyed);
    const again = await submitter.submit(principal, keyed);
    expect(again).toEqual({ ...first, replayed: true });
    await expect(
      submitter.submit(principal, { ...withContent({ subject: 'Other' }), idempotencyKey: 'order-1' }),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect(accepted).toHaveLength(1);
  });

  describe('with limits of the account', () => {
    const limited = (limits: AccountLimits): Principal => ({
      ...principal,
      account: { ...principal.account, limits },
    });
    const toBoth = { ...submission, envelope: { sender: from, recipients: [to, 'b@rcpt.test' as Address] } };

    test('refuses recipients over the limit of a period, and says when to try again', async () => {
      const caller = limited({ maxPerMinute: 3, maxPerHour: 100 });
      await submitter.submit(caller, toBoth);
      await expect(submitter.submit(caller, toBoth)).rejects.toMatchObject({
        code: 'rate_limited',
        message: 'The limit of 3 recipients per minute is used up.',
        details: { retryAfterSeconds: 60 },
      });
      await submitter.submit(caller, submission);
      expect(accepted.map(({ envelope }) => envelope.recipients.length)).toEqual([2, 1]);
    });

    test('counts each account separately', async () => {
      const other = { ...principal, account: { ...principal.account, id: 2, limits: { maxPerDay: 1 } } };
      await submitter.submit(limited({ maxPerDay: 1 }), submission);
      await submitter.submit(other, submission);
      await expect(submitter.submit(other, submission)).rejects.toMatchObject({ code: 'rate_limited' });
    });

    test.for<AccountLimits>([{ maxRecipientsPerMessage: 1 }, { maxPerMinute: 1 }, { maxPerDay: 1 }])(
      'permanently refuses a message with more recipients than %j can ever allow',
      async limits => {
        await expect(submitter.submit(limited(limits), toBoth)).rejects.toMatchObject({
          code: 'too_many_recipients',
        });
      },
    );
  });

  test('records the time in the id as the time of acceptance, even if the clock advances meanwhile', async () => {
    let clock = NOW;
    const ticking = () => clock++;
    const { id } = await connectSubmitter(ticking).submit(principal, submission);
    const view = await store.history.message(id);
    expect(view?.createdAt).toBe(msOfId(id));
    expect((await store.history.list({ until: msOfId(id) + 1 }, { limit: 1 })).items).toHaveLength(1);
    expect((await store.history.list({ since: view?.createdAt ?? 0 }, { limit: 1 })).items).toHaveLength(1);
  });

  test('refuses mail when the queue is full, and says when to try again', async () => {
    await close();
    await open({ maxQueued: 1 });
    await submitter.submit(principal, submission);
    await expect(submitter.submit(principal, submission)).rejects.toMatchObject({
      code: 'unavailable',
      details: { retryAfterSeconds: 30 },
    });
  });
});
