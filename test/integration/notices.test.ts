import PostalMime from 'postal-mime';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { newAccount } from '../../src/core/account.ts';
import { AppError } from '../../src/core/errors.ts';
import type { MessageView } from '../../src/core/message-view.ts';
import type { NextState } from '../../src/core/settle.ts';
import { createNotices, type Notices, type NoticesContext } from '../../src/services/notices/notices.ts';
import type { Submit } from '../../src/submit/submit.ts';
import { createHarness } from '../helpers/gates/engine.ts';
import { until } from '../helpers/gates/gate.ts';
import { createReadableLog, type ReadableLog } from '../helpers/gates/readable-log.ts';
import { createWayIn } from '../helpers/gates/way-in.ts';
import { address, type MessageSettings } from '../helpers/stores/store-message.ts';
import { rigOpener, type StoreRig } from '../helpers/stores/store-rig.ts';

const openRig = rigOpener(createHarness);

let rig: StoreRig;
let log: ReadableLog;

beforeEach(async () => {
  rig = await openRig();
  log = createReadableLog();
  const account = { name: 'one', allowedSenders: ['from@sender.test', 'bounce@sender.test'], createdAt: 0 };
  await rig.store.registry.add('account', 'one', id => newAccount({ id, ...account }));
});

async function start(changes: Partial<NoticesContext> = {}): Promise<Notices> {
  const notices = createNotices({
    history: rig.store.history,
    registry: rig.store.registry,
    submit: createWayIn(rig).submit,
    hostName: 'gate.example.com',
    dialects: new Set(['smtp', 'pickup']),
    log: log.logger,
    pauseMs: 20,
    ...changes,
  });
  onTestFinished(() => notices.stop());
  return notices;
}

/** Hands in a message by SMTP whose recipients end as told. */
async function end(standings: readonly NextState[], more: MessageSettings = {}): Promise<string> {
  const to = standings.map((_, i) => `to${i}@rcpt.test`);
  const message = await rig.acceptLeased({ dialect: 'smtp', to, ...more });
  await rig.finish(message, standings);
  return message.id;
}

async function notices(): Promise<readonly MessageView[]> {
  const { items } = await rig.store.history.list({}, { limit: 100 });
  return items.filter(({ dialect }) => dialect === 'notice').reverse();
}

/**
 * Waits until the notices have read all there is, and gives what they made of it. Without news they look again after a
 * minute, should somebody's transaction have held the log back before.
 */
async function settled(): Promise<readonly MessageView[]> {
  const end = await lastSeq();
  await until(async () => Number(await rig.store.history.cursor('notices')) > end, 'all events to be read');
  return notices();
}

/** Of the events of all messages: those of one message are shown at once, however others hold up readers of the log. */
async function lastSeq(): Promise<number> {
  const { history } = rig.store;
  const { items } = await history.list({}, { limit: 100 });
  const events = await Promise.all(
    items.map(({ id }) => history.events({ after: '0', limit: 100, messageId: id })),
  );
  return Math.max(0, ...events.flat().map(({ seq }) => Number(seq)));
}

describe('mail that fails', () => {
  it.each(['smtp', 'pickup'])('by %s is told to its sender, from the null sender', async dialect => {
    await start();
    const id = await end([{ state: 'bounced' }], { dialect });
    const [notice, ...others] = await settled();
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      sender: '',
      from: 'postmaster@sender.test',
      recipients: [{ address: 'bounce@sender.test' }],
      account: 1,
    });
    const mail = await PostalMime.parse((await rig.store.history.body(notice?.id ?? '')) as Buffer);
    expect(mail).toMatchObject({ inReplyTo: `<${id}@sender.test>` });
    expect(mail.text).toContain('to0@rcpt.test\n    The receiving server refused it: 550 no such user');
  });

  it.each(['bounced', 'failed', 'expired'] as const)('as %s is told', async state => {
    await start();
    await end([{ state }]);
    expect(await settled()).toHaveLength(1);
  });

  it.each(['delivered', 'unknown', 'cancelled'] as const)('is not told of when it ends %s', async state => {
    await start();
    await end([{ state }]);
    expect(await settled()).toEqual([]);
  });

  it('is not told of when it came by HTTP, where there are events to read', async () => {
    await start();
    await end([{ state: 'bounced' }], { dialect: 'v1' });
    expect(await settled()).toEqual([]);
  });

  it('is told in one notice for all recipients that failed together, without the others', async () => {
    await start();
    await end([{ state: 'bounced' }, { state: 'delivered' }, { state: 'expired' }]);
    const [notice, ...others] = await settled();
    expect(others).toEqual([]);
    const { text } = await PostalMime.parse((await rig.store.history.body(notice?.id ?? '')) as Buffer);
    expect(['to0', 'to1', 'to2'].map(name => text?.includes(`${name}@rcpt.test`))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is told again when more of it fails later', async () => {
    await start();
    const later = { state: 'deferred', dueAt: rig.now() + 60_000 } as const;
    await end([{ state: 'bounced' }, later]);
    rig.advance(60_000);
    const [message] = await rig.claim();
    if (message !== undefined) await rig.finish(message, [{ state: 'failed' }]);
    const told = await Promise.all(
      (await settled()).map(async ({ id }) => PostalMime.parse((await rig.store.history.body(id)) as Buffer)),
    );
    expect(told.map(({ text }) => /to\d@rcpt/.exec(text ?? '')?.[0])).toEqual(['to0@rcpt', 'to1@rcpt']);
  });

  it('from the null sender is told to nobody, so that notices end no loop in the making', async () => {
    await start();
    await end([{ state: 'bounced' }], { envelope: { sender: '', recipients: [address('to@rcpt.test')] } });
    expect((await rig.events()).map(({ type }) => type)).toContain('bounced');
    expect(await settled()).toEqual([]);
  });

  it('is told of a notice that fails to nobody', async () => {
    await start({ dialects: new Set(['smtp', 'notice']) });
    await end([{ state: 'bounced' }]);
    await settled();
    const [notice] = await rig.claim();
    if (notice !== undefined) await rig.finish(notice, [{ state: 'bounced' }]);
    expect(notice?.dialect).toBe('notice');
    expect(await settled()).toHaveLength(1);
  });

  it('is not told to an account that wants no notices', async () => {
    await rig.store.registry.change('account', 1, account => ({ ...account, sendsNotices: false }));
    await start();
    await end([{ state: 'bounced' }]);
    expect(await settled()).toEqual([]);
  });

  it('is told although the account has used up its limits', async () => {
    await rig.store.registry.change('account', 1, account => ({ ...account, limits: { maxPerDay: 1 } }));
    await start();
    await end([{ state: 'bounced' }]);
    await end([{ state: 'bounced' }]);
    expect(await settled()).toHaveLength(2);
  });

  it('is told once when the process dies after the notice was accepted', async () => {
    const died = Promise.withResolvers<void>();
    const submit: Submit['submit'] = async (...args) => {
      await createWayIn(rig).submit(...args);
      died.resolve();
      throw new Error('the process died here');
    };
    const first = await start({ submit });
    await end([{ state: 'bounced' }]);
    await died.promise;
    await first.stop();
    await rig.restart();
    await start();
    expect(await settled()).toHaveLength(1);
  });

  it('is told after a restart when it failed before', async () => {
    const first = await start();
    await end([{ state: 'bounced' }]);
    await settled();
    await first.stop();
    await end([{ state: 'bounced' }]);
    await rig.restart();
    await start();
    expect(await settled()).toHaveLength(2);
  });

  it('is told later when the store has no room for the notice', async () => {
    let isFull = true;
    const way = createWayIn(rig);
    const submit: Submit['submit'] = (...args) => {
      if (!isFull) return way.submit(...args);
      isFull = false;
      return Promise.reject(new AppError('unavailable', 'There is no room for new mail now.'));
    };
    await start({ submit });
    await end([{ state: 'bounced' }]);
    expect(await settled()).toHaveLength(1);
    expect(log.lines).toContainEqual(expect.objectContaining({ msg: 'sending bounce messages failed' }));
  });

  it('is told with what is still known of it when its body is gone', async () => {
    const first = await start();
    await settled();
    await first.stop();
    await end([{ state: 'bounced' }]);
    const kept = { deliveredBodyMs: 1, otherBodyMs: 1, eventMs: 1e9 };
    rig.advance(10);
    await rig.store.purge(kept, rig.now());
    await start();
    const [notice] = await settled();
    const body = (await rig.store.history.body(notice?.id ?? '')) as Buffer;
    expect(body.toString()).not.toContain('rfc822-headers');
  });
});
