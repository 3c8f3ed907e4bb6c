import { describe, expect, test } from 'vitest';
import { idToBigInt } from '../../../src/core/id.ts';
import { address, HOUR_MS } from '../../helpers/stores/store-message.ts';
import type { OpenRig } from '../../helpers/stores/store-rig.ts';

export function describeAcceptance(open: OpenRig): void {
  describe('enqueue', () => {
    test('has stored message, recipients, body and event once it answers', async () => {
      const rig = await open();
      const message = await rig.accept({
        to: ['a@rcpt.test', 'B@rcpt.test'],
        mime: ALL_BYTES,
        subject: 'Grüße 🚪',
        tags: ['reset', 'ünï'],
        metadata: { order: '4711', note: '"quoted"' },
        priority: 'high',
        notes: { ignored: ['x-mailer'] },
      });
      expect(await rig.view(message.id)).toEqual({
        id: message.id,
        account: 1,
        dialect: 'test',
        sender: 'bounce@sender.test',
        from: 'from@sender.test',
        subject: 'Grüße 🚪',
        messageIdHeader: `<${message.id}@sender.test>`,
        tags: ['reset', 'ünï'],
        metadata: { order: '4711', note: '"quoted"' },
        priority: 'high',
        lane: 1,
        size: 256,
        createdAt: rig.now(),
        expiresAt: rig.now() + 72 * HOUR_MS,
        isLeased: false,
        recipients: [
          { index: 0, address: 'a@rcpt.test', state: 'queued', attempts: 0, dueAt: rig.now() },
          { index: 1, address: 'B@rcpt.test', state: 'queued', attempts: 0, dueAt: rig.now() },
        ],
      });
      expect(await rig.store.history.body(message.id)).toEqual(ALL_BYTES);
      expect(await rig.events()).toEqual([
        {
          seq: expect.stringMatching(/^\d+$/),
          at: rig.now(),
          type: 'accepted',
          account: 1,
          messageId: message.id,
          data: { dialect: 'test', recipients: 2, size: 256, ignored: ['x-mailer'] },
        },
      ]);
    });

    test('of many in one turn keeps each, across close and reopen', async () => {
      const rig = await open();
      const messages = Array.from({ length: 50 }, (_, i) => rig.newMessage({ subject: `number ${i}` }));
      const results = await Promise.all(messages.map(message => rig.store.queue.enqueue(message)));
      expect(new Set(results.map(result => result.kind))).toEqual(new Set(['accepted']));
      await rig.restart();
      for (const { id, subject, mime } of messages) {
        expect((await rig.view(id)).subject).toBe(subject);
        expect(await rig.store.history.body(id)).toEqual(mime);
      }
      expect(await rig.events()).toHaveLength(50);
      expect((await rig.claim()).map(one => one.id)).toEqual(messages.map(one => one.id));
    });

    test('keeps ids above 2^53 exact', async () => {
      const rig = await open();
      const messages = await Promise.all(Array.from({ length: 4 }, () => rig.accept()));
      const ids = messages.map(one => one.id);
      expect(ids.every(id => idToBigInt(id) > 2n ** 53n)).toBe(true);
      expect((await rig.store.history.list({}, { limit: 9 })).items.map(one => one.id)).toEqual(
        ids.toReversed(),
      );
      expect((await rig.claim()).map(one => one.id)).toEqual(ids);
      expect((await rig.events()).map(event => event.messageId)).toEqual(ids);
    });

    test('writes all of a message or nothing, and does not drag others down', async () => {
      const rig = await open();
      const first = await rig.accept();
      const idempotency = { key: 'k', fingerprint: Buffer.alloc(32, 1) };
      const same = { ...rig.newMessage({ subject: 'impostor', idempotency }), id: first.id };
      const others = [rig.newMessage(), rig.newMessage()];
      const [, refused] = await Promise.allSettled(
        [others[0], same, others[1]].map(one => rig.store.queue.enqueue(one ?? same)),
      );
      expect(refused?.status).toBe('rejected');
      expect((await rig.store.history.list({}, { limit: 9 })).items.map(one => one.subject)).toEqual([
        'hello',
        'hello',
        'hello',
      ]);
      expect(await rig.events()).toHaveLength(3);
      const again = await rig.store.queue.enqueue(rig.newMessage({ idempotency }));
      expect(again).toEqual({ kind: 'accepted' });
    });

    test('keeps the null sender, and a header From that could not be read', async () => {
      const rig = await open();
      const envelope = { sender: '' as const, recipients: [address('to@rcpt.test')] };
      const { id } = await rig.accept({ envelope, from: '' });
      expect(await rig.view(id)).toMatchObject({ sender: '', from: '' });
      expect((await rig.claim())[0]).toMatchObject({ sender: '', from: '' });
    });

    test('refuses new mail above maxQueued, also when all comes at once', async () => {
      const rig = await open({ maxQueued: 3 });
      const messages = Array.from({ length: 5 }, () => rig.newMessage());
      const results = await Promise.all(messages.map(message => rig.store.queue.enqueue(message)));
      expect(results.map(result => result.kind)).toEqual([
        'accepted',
        'accepted',
        'accepted',
        'full',
        'full',
      ]);
      expect(await rig.events()).toHaveLength(3);
    });

    test('has room again for each message that has ended, however it did', async () => {
      const rig = await open({ maxQueued: 2 });
      const kind = async () => (await rig.store.queue.enqueue(rig.newMessage({ lane: 2 }))).kind;
      const delivered = await rig.acceptLeased();
      const cancelled = await rig.accept();
      expect(await kind()).toBe('full');
      await rig.finish(delivered, [{ state: 'delivered' }]);
      expect(await kind()).toBe('accepted');
      expect(await kind()).toBe('full');
      await rig.store.queue.cancel({ id: cancelled.id, now: rig.now() });
      expect(await kind()).toBe('accepted');
      expect(await kind()).toBe('full');
    });

    test('counts what a retry brings back into the queue', async () => {
      const rig = await open({ maxQueued: 1 });
      const message = await rig.acceptLeased();
      await rig.finish(message, [{ state: 'bounced' }]);
      const request = { id: message.id, now: rig.now(), expiresAt: rig.now() + HOUR_MS };
      expect(await rig.store.queue.retry(request)).toBe('retried');
      expect(await rig.store.queue.enqueue(rig.newMessage())).toEqual({ kind: 'full' });
    });

    test('counts what waits when the store is opened', async () => {
      const rig = await open();
      await rig.accept();
      await rig.restart({ maxQueued: 1 });
      expect(await rig.store.queue.enqueue(rig.newMessage())).toEqual({ kind: 'full' });
    });

    test('does not lose room by what it refuses', async () => {
      const rig = await open({ maxQueued: 2 });
      const idempotency = { key: 'k', fingerprint: Buffer.alloc(32, 1) };
      const first = await rig.accept({ idempotency });
      for (let i = 0; i < 5; i++) {
        await rig.store.queue.enqueue(rig.newMessage({ idempotency }));
        await expect(rig.store.queue.enqueue({ ...rig.newMessage(), id: first.id })).rejects.toThrow();
      }
      expect(await rig.store.queue.enqueue(rig.newMessage())).toEqual({ kind: 'accepted' });
      expect(await rig.store.queue.enqueue(rig.newMessage())).toEqual({ kind: 'full' });
    });
  });
}

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
