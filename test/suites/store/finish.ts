import { describe, expect, test } from 'vitest';
import { BOUNCE_REPLY, DEFER_REPLY, DOT_REPLY, finishOf } from '../../helpers/stores/store-finish.ts';
import { HOUR_MS } from '../../helpers/stores/store-message.ts';
import type { OpenRig } from '../../helpers/stores/store-rig.ts';

export function describeFinish(open: OpenRig): void {
  describe('finish', () => {
    test('records mixed results of one attempt, each with its event', async () => {
      const rig = await open();
      const to = ['a', 'b', 'c', 'd', 'e'].map(name => `${name}@rcpt.test`);
      const message = await rig.acceptLeased({ account: 3, to });
      const standings = [
        { state: 'delivered' },
        { state: 'bounced' },
        { state: 'deferred', dueAt: rig.now() + 2_000 },
        { state: 'unknown', dueAt: rig.now() + 1_000 },
        { state: 'failed' },
      ] as const;
      rig.advance(50);
      expect(await rig.finish(message, standings)).toBe(true);
      const view = await rig.view(message.id);
      expect(view.isLeased).toBe(false);
      expect(view.recipients.map(({ address: _, index: __, ...one }) => one)).toEqual([
        { state: 'delivered', attempts: 1, lastReply: DOT_REPLY },
        { state: 'bounced', attempts: 1, lastReply: BOUNCE_REPLY },
        { state: 'deferred', attempts: 1, dueAt: standings[2].dueAt, lastReply: DEFER_REPLY },
        { state: 'unknown', attempts: 1, dueAt: standings[3].dueAt, lastError: 'the connection was lost' },
        { state: 'failed', attempts: 1, lastError: 'needs SMTPUTF8' },
      ]);
      const [, ...events] = await rig.events(message.id);
      const common = {
        seq: expect.any(String),
        at: rig.now(),
        account: 3,
        messageId: message.id,
        provider: 1,
      };
      expect(events).toEqual([
        {
          ...common,
          type: 'delivered',
          recipient: to[0],
          data: { attempt: 1, phase: 'done', code: 250, enhanced: '2.0.0', reason: DOT_REPLY.text },
        },
        {
          ...common,
          type: 'bounced',
          recipient: to[1],
          data: { attempt: 1, phase: 'rcpt', code: 550, reason: BOUNCE_REPLY.text },
        },
        {
          ...common,
          type: 'deferred',
          recipient: to[2],
          data: {
            attempt: 1,
            phase: 'rcpt',
            code: 451,
            enhanced: '4.7.1',
            reason: DEFER_REPLY.text,
            nextAttemptAt: standings[2].dueAt,
          },
        },
        {
          ...common,
          type: 'unknown',
          recipient: to[3],
          data: {
            attempt: 1,
            phase: 'dot',
            reason: 'the connection was lost',
            nextAttemptAt: standings[3].dueAt,
          },
        },
        {
          ...common,
          type: 'failed',
          recipient: to[4],
          data: { attempt: 1, phase: 'ehlo', reason: 'needs SMTPUTF8' },
        },
      ]);
    });

    test('keeps the ledger of all attempts made under a lease, and counts on from there', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      const attempts = [
        {
          number: 1,
          provider: 4,
          startedAt: rig.now(),
          durationMs: 12,
          phase: 'connect',
          error: 'connection refused',
          remote: 'mx.test [192.0.2.1]:25',
        },
        {
          number: 2,
          provider: 5,
          startedAt: rig.now() + 12,
          durationMs: 30,
          phase: 'done',
          reply: { code: 450, text: 'busy' },
          converted: true,
        },
      ] as const;
      await rig.finish(message, [{ state: 'deferred', dueAt: rig.now() }], { attempts, lane: 5 });
      expect(await rig.claim(1)).toEqual([]);
      const [again] = await rig.claim(5);
      expect(again?.attempt).toBe(3);
      if (again) await rig.finish(again, [{ state: 'delivered' }]);
      const ledger = await rig.store.history.attempts(message.id);
      expect(ledger.slice(0, 2)).toEqual(attempts);
      expect(ledger[2]).toMatchObject({ number: 3, provider: 5, phase: 'done', reply: DOT_REPLY });
    });

    test('takes a message out of the queue once nothing of it is due', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await rig.finish(message, [{ state: 'delivered' }, { state: 'deferred', dueAt: rig.now() + HOUR_MS }]);
      expect((await rig.store.queue.depth())[0]?.waiting).toBe(1);
      rig.advance(HOUR_MS);
      const [rest] = await rig.claim();
      if (rest) await rig.finish(rest, [{ state: 'expired' }]);
      expect(await rig.store.queue.depth()).toEqual([]);
      expect(await rig.states(message.id)).toEqual(['delivered', 'expired']);
    });

    test('makes a message due when its earliest recipient is', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await rig.finish(message, [
        { state: 'deferred', dueAt: rig.now() + 5_000 },
        { state: 'deferred', dueAt: rig.now() + 2_000 },
      ]);
      const request = { lane: 1, lease: rig.lease, now: rig.now(), limit: 9, maxBytes: 1e9 };
      expect(await rig.store.queue.claim(request)).toEqual({ messages: [], nextDueAt: rig.now() + 2_000 });
    });

    test('without an attempt writes states and events, and counts none', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await rig.finish(message, [{ state: 'expired' }, { state: 'expired' }]);
      const view = await rig.view(message.id);
      expect(view.recipients.map(one => [one.state, one.attempts])).toEqual([
        ['expired', 0],
        ['expired', 0],
      ]);
      expect(await rig.store.history.attempts(message.id)).toEqual([]);
      const [, ...events] = await rig.events(message.id);
      expect(events.map(event => [event.type, event.recipient, event.data])).toEqual([
        ['expired', 'a@rcpt.test', {}],
        ['expired', 'b@rcpt.test', {}],
      ]);
    });

    test('flags what may be a second copy', async () => {
      const rig = await open();
      const message = await rig.acceptLeased({ to: ['a@rcpt.test', 'b@rcpt.test'] });
      await rig.finish(message, [
        { state: 'unknown', dueAt: rig.now() },
        { state: 'deferred', dueAt: rig.now() },
      ]);
      const [again] = await rig.claim();
      expect(again?.recipients.map(one => one.wasUnknown)).toEqual([true, false]);
      if (again) await rig.finish(again, [{ state: 'delivered' }, { state: 'delivered' }]);
      const ledger = await rig.store.history.attempts(message.id);
      expect(ledger.map(one => one.repeated)).toEqual([undefined, true]);
      const events = (await rig.events(message.id)).slice(3);
      expect(events.map(event => [event.type, event.recipient, event.data.repeated])).toEqual([
        ['delivered', 'a@rcpt.test', true],
        ['delivered', 'b@rcpt.test', undefined],
      ]);
    });

    test('does not call the giving up of what was unknown a second copy', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      await rig.finish(message, [{ state: 'unknown', dueAt: rig.now() }]);
      const [again] = await rig.claim();
      const results = [{ index: 0, state: 'unknown' }] as const;
      if (again) await rig.finish(again, [], { attempts: [], results });
      const last = (await rig.events(message.id)).at(-1);
      expect(last).toMatchObject({ type: 'unknown', data: {} });
      expect(last?.data.repeated).toBeUndefined();
    });

    test('marks what is only assumed to be delivered', async () => {
      const rig = await open();
      const message = await rig.acceptLeased();
      const outcome = { kind: 'delivered', assumed: true } as const;
      const results = [
        { index: 0, state: 'delivered', outcome, attempt: 1, provider: 1, phase: 'dot' },
      ] as const;
      await rig.finish(message, [], { results });
      expect((await rig.events(message.id)).at(-1)).toMatchObject({
        type: 'delivered',
        data: { assumed: true },
      });
    });

    test("under a lease that is not the message's writes nothing", async () => {
      const rig = await open();
      const other = await rig.joinAnother();
      const leased = await rig.acceptLeased();
      const before = { view: await rig.view(leased.id), events: await rig.events() };
      const delivered = [{ state: 'delivered' }] as const;
      expect(await rig.finish(leased, delivered, { lease: other })).toBe(false);
      expect({ view: await rig.view(leased.id), events: await rig.events() }).toEqual(before);
      expect(await rig.store.history.attempts(leased.id)).toEqual([]);
      expect(await rig.finish(leased, delivered)).toBe(true);
      expect(await rig.finish(leased, delivered)).toBe(false);
      expect(await rig.store.history.attempts(leased.id)).toHaveLength(1);
    });

    test('of a message that was released, or claimed by another since, writes nothing', async () => {
      const rig = await open();
      const leased = await rig.acceptLeased();
      await rig.hurry(
        rig.store.queue.release({ id: leased.id, lease: rig.lease, lane: 1, dueAt: rig.now() }),
      );
      expect(await rig.finish(leased, [{ state: 'delivered' }])).toBe(false);
      const other = await rig.joinAnother();
      const request = { lane: 1, lease: other, now: rig.now(), limit: 9, maxBytes: 1e9 };
      await rig.store.queue.claim(request);
      expect(await rig.finish(leased, [{ state: 'delivered' }])).toBe(false);
      expect(await rig.states(leased.id)).toEqual(['queued']);
    });

    test('of many in one turn keeps each, across a restart', async () => {
      const rig = await open();
      await Promise.all(Array.from({ length: 30 }, () => rig.accept()));
      const claimed = await rig.claim();
      const finishes = claimed.map(one =>
        rig.store.queue.finish(finishOf(one, rig.lease, rig.now(), [{ state: 'delivered' }])),
      );
      expect(await Promise.all(finishes)).toEqual(Array(30).fill(true));
      await rig.restart();
      for (const { id } of claimed) expect(await rig.states(id)).toEqual(['delivered']);
      expect(await rig.events()).toHaveLength(60);
      expect(await rig.store.queue.depth()).toEqual([]);
    });
  });
}
