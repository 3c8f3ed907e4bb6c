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
  const told = { retried: 0 };
  const handlers = createMessageHandlers({
    store: rig.store,
    expiryMs: 72 * HOUR_MS,
    now: rig.now,
    onRetried: () => {
      told.retried += 1;
    },
  });
  return { rig, handlers, told };
}

describe('messages', () => {
  it('are told with attempts and events', async () => {
    const { rig, handlers } = await setUp();
    const leased = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
    await rig.finish(leased, [{ state: 'delivered' }, { state: 'bounced' }]);
    const story = await handlers.message(OWNER, { id: leased.id }, SIGNAL);
    expect(story.message.recipients.map(one => one.state)).toEqual(['delivered', 'bounced']);
    expect(story.attempts).toHaveLength(1);
    expect(story.events.map(event => event.type)).toEqual(['accepted', 'delivered', 'bounced']);
  });

  it('are found by their own account and by who manages the gate, and by nobody else', async () => {
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

  it('have no body any more once retention removed it', async () => {
    const { rig, handlers } = await setUp();
    const leased = await rig.acceptLeased();
    await rig.finish(leased, [{ state: 'delivered' }]);
    rig.advance(HOUR_MS);
    const retention = { deliveredBodyMs: 0, otherBodyMs: 0, eventMs: 100 * HOUR_MS };
    await rig.hurry(rig.store.purge(retention, rig.now()));
    await expect(handlers.body(OWNER, { id: leased.id }, SIGNAL)).rejects.toMatchObject({ code: 'gone' });
  });

  it('are cancelled while nothing was started', async () => {
    const { rig, handlers } = await setUp();
    const { id } = await rig.accept();
    const cancelled = await handlers.cancel(OWNER, { id }, SIGNAL);
    expect(cancelled.recipients[0]?.state).toBe('cancelled');
    await expect(handlers.cancel(OWNER, { id }, SIGNAL)).rejects.toMatchObject({ code: 'conflict' });
    const { id: leased } = await rig.acceptLeased();
    await expect(handlers.cancel(OWNER, { id: leased }, SIGNAL)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('are tried again when they bounced, and delivery is told', async () => {
    const { rig, handlers, told } = await setUp();
    const leased = await rig.acceptLeased();
    await expect(handlers.retry(OWNER, { id: leased.id }, SIGNAL)).rejects.toMatchObject({
      code: 'conflict',
    });
    await rig.finish(leased, [{ state: 'bounced' }]);
    rig.advance(80 * HOUR_MS);
    expect(told.retried).toBe(0);
    const retried = await handlers.retry(OPERATOR, { id: leased.id }, SIGNAL);
    expect(retried.expiresAt).toBe(rig.now() + 72 * HOUR_MS);
    expect(told.retried).toBe(1);
    for (const again of await rig.claim(retried.lane)) await rig.finish(again, [{ state: 'delivered' }]);
    expect(await rig.states(leased.id)).toEqual(['delivered']);
    await expect(handlers.retry(OWNER, { id: leased.id }, SIGNAL)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

describe('events', () => {
  const request = { after: '0', limit: 10, waitMs: 0 };

  it('come at once when there are any, with the cursor of the last', async () => {
    const { rig, handlers } = await setUp();
    const { id } = await rig.accept();
    const first = await handlers.events(OWNER, { ...request, waitMs: 60_000 }, SIGNAL);
    expect(first.events.map(event => [event.type, event.messageId])).toEqual([['accepted', id]]);
    expect(await handlers.events(OWNER, { ...request, after: first.cursor }, SIGNAL)).toEqual({
      events: [],
      cursor: first.cursor,
    });
  });

  it('of other accounts are seen only by who manages the gate', async () => {
    const { rig, handlers } = await setUp();
    await rig.accept();
    expect((await handlers.events(STRANGER, request, SIGNAL)).events).toEqual([]);
    expect((await handlers.events(OPERATOR, request, SIGNAL)).events).toHaveLength(1);
  });

  it('are waited for, past those of other accounts', async () => {
    const { rig, handlers } = await setUp();
    const waiting = handlers.events(STRANGER, { ...request, waitMs: 20_000 }, SIGNAL);
    await rig.accept({ account: 1 });
    const { id } = await rig.accept({ account: 2 });
    expect((await waiting).events.map(event => event.messageId)).toEqual([id]);
  });

  it('are waited for no longer than was asked, and not once the caller has gone', async () => {
    const { handlers } = await setUp();
    expect((await handlers.events(OWNER, { ...request, waitMs: 10 }, SIGNAL)).events).toEqual([]);
    const caller = new AbortController();
    const waiting = handlers.events(OWNER, { ...request, waitMs: 60_000 }, caller.signal);
    caller.abort();
    expect(await waiting).toEqual({ events: [], cursor: '0' });
  });
});
