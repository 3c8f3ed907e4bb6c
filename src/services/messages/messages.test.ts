import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../test/helpers/stores/store-message.ts';
import { rigOpener } from '../../../test/helpers/stores/store-rig.ts';
import { createSqliteHarness } from '../../../test/helpers/stores/store-sqlite.ts';
import { newAccount, type Principal, type Scope } from '../../core/account.ts';
import { createMessageHandlers } from './messages.ts';

const openRig = rigOpener(createSqliteHarness);
const SIGNAL = new AbortController().signal;

function principal(id: number, ...scopes: Scope[]): Principal {
  return {
    account: newAccount({ id, name: `account ${id}`, allowedSenders: ['*'], createdAt: 0 }),
    scopes,
    by: id,
  };
}
const [OWNER, STRANGER, OPERATOR] = [principal(1, 'read'), principal(2, 'read'), principal(3, 'manage')];

async function setUp() {
  const rig = await openRig();
  const calls = { onRetried: 0 };
  const handlers = createMessageHandlers({
    store: rig.store,
    expiryMs: 72 * HOUR_MS,
    now: rig.now,
    onRetried: () => {
      calls.onRetried += 1;
    },
  });
  return { rig, handlers, calls };
}

describe('message handlers', () => {
  it('return a message with its attempts and events', async () => {
    const { rig, handlers } = await setUp();
    const leased = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
    await rig.finish(leased, [{ state: 'delivered' }, { state: 'bounced' }]);
    const result = await handlers.message(OWNER, { id: leased.id }, SIGNAL);
    expect(result.message.recipients.map(({ state }) => state)).toEqual(['delivered', 'bounced']);
    expect(result.attempts).toHaveLength(1);
    expect(result.events.map(event => event.type)).toEqual(['accepted', 'delivered', 'bounced']);
  });

  it('show a message to its account and to a caller with the scope manage, and to nobody else', async () => {
    const { rig, handlers } = await setUp();
    const { id, mime } = await rig.accept();
    for (const who of [OWNER, OPERATOR]) {
      expect((await handlers.message(who, { id }, SIGNAL)).message.id).toBe(id);
      expect((await handlers.body(who, { id }, SIGNAL)).mime).toEqual(mime);
      expect((await handlers.messages(who, { filter: {}, limit: 10 }, SIGNAL)).items).toHaveLength(1);
    }
    const missing = { code: 'not_found' };
    await expect(handlers.message(STRANGER, { id }, SIGNAL)).rejects.toMatchObject(missing);
    await expect(handlers.body(STRANGER, { id }, SIGNAL)).rejects.toMatchObject(missing);
    await expect(handlers.cancel(STRANGER, { id }, SIGNAL)).rejects.toMatchObject(missing);
    await expect(handlers.retry(STRANGER, { id }, SIGNAL)).rejects.toMatchObject(missing);
    const page = await handlers.messages(STRANGER, { filter: { account: 1 }, limit: 10 }, SIGNAL);
    expect(page.items).toEqual([]);
  });

  it('throw gone for content that retention has removed', async () => {
    const { rig, handlers } = await setUp();
    const leased = await rig.acceptLeased();
    await rig.finish(leased, [{ state: 'delivered' }]);
    rig.advance(HOUR_MS);
    const retention = { deliveredBodyMs: 0, otherBodyMs: 0, eventMs: 100 * HOUR_MS };
    await rig.hurry(rig.store.purge(retention, rig.now()));
    await expect(handlers.body(OWNER, { id: leased.id }, SIGNAL)).rejects.toMatchObject({ code: 'gone' });
  });

  it('cancel a message only before its first attempt', async () => {
    const { rig, handlers } = await setUp();
    const { id } = await rig.accept();
    const cancelled = await handlers.cancel(OWNER, { id }, SIGNAL);
    expect(cancelled.recipients[0]?.state).toBe('cancelled');
    await expect(handlers.cancel(OWNER, { id }, SIGNAL)).rejects.toMatchObject({ code: 'conflict' });
    const { id: leased } = await rig.acceptLeased();
    await expect(handlers.cancel(OWNER, { id: leased }, SIGNAL)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('retry a bounced message, and call onRetried', async () => {
    const { rig, handlers, calls } = await setUp();
    const leased = await rig.acceptLeased();
    await expect(handlers.retry(OWNER, { id: leased.id }, SIGNAL)).rejects.toMatchObject({
      code: 'conflict',
    });
    await rig.finish(leased, [{ state: 'bounced' }]);
    rig.advance(80 * HOUR_MS);
    expect(calls.onRetried).toBe(0);
    const retried = await handlers.retry(OPERATOR, { id: leased.id }, SIGNAL);
    expect(retried.expiresAt).toBe(rig.now() + 72 * HOUR_MS);
    expect(calls.onRetried).toBe(1);
    for (const claimed of await rig.claim(retried.lane)) await rig.finish(claimed, [{ state: 'delivered' }]);
    expect(await rig.states(leased.id)).toEqual(['delivered']);
    await expect(handlers.retry(OWNER, { id: leased.id }, SIGNAL)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

describe('the events handler', () => {
  const request = { after: '0', limit: 10, waitMs: 0 };

  it('returns existing events immediately, with the cursor of the last one', async () => {
    const { rig, handlers } = await setUp();
    const { id } = await rig.accept();
    const first = await handlers.events(OWNER, { ...request, waitMs: 60_000 }, SIGNAL);
    expect(first.events.map(event => [event.type, event.messageId])).toEqual([['accepted', id]]);
    expect(await handlers.events(OWNER, { ...request, after: first.cursor }, SIGNAL)).toEqual({
      events: [],
      cursor: first.cursor,
    });
  });

  it('shows the events of other accounts only to a caller with the scope manage', async () => {
    const { rig, handlers } = await setUp();
    await rig.accept();
    expect((await handlers.events(STRANGER, request, SIGNAL)).events).toEqual([]);
    expect((await handlers.events(OPERATOR, request, SIGNAL)).events).toHaveLength(1);
  });

  it('waits for an event of the account, and ignores those of others', async () => {
    const { rig, handlers } = await setUp();
    const waiting = handlers.events(STRANGER, { ...request, waitMs: 20_000 }, SIGNAL);
    await rig.accept({ account: 1 });
    const { id } = await rig.accept({ account: 2 });
    expect((await waiting).events.map(event => event.messageId)).toEqual([id]);
  });

  it('stops waiting after waitMs, or when the caller has gone', async () => {
    const { handlers } = await setUp();
    expect((await handlers.events(OWNER, { ...request, waitMs: 10 }, SIGNAL)).events).toEqual([]);
    const caller = new AbortController();
    const waiting = handlers.events(OWNER, { ...request, waitMs: 60_000 }, caller.signal);
    caller.abort();
    expect(await waiting).toEqual({ events: [], cursor: '0' });
  });
});
