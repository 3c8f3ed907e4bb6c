import { expect, it } from 'vitest';
import { newMessage } from '../../../test/helpers/stores/store-message.ts';
import { type Arrival, describeAfterDot, describeTransport } from '../../../test/suites/transport.ts';
import type { Chaos } from '../../core/provider.ts';
import { createCaptureTransport } from './capture.ts';

const random = () => 0;

describeTransport('capture', async () => {
  const kept: Arrival[] = [];
  const transport = createCaptureTransport({
    random,
    onMessage: ({ envelope, mime }) => {
      kept.push({ ...envelope, mime });
    },
  });
  return { transport, arrivals: async () => kept, close: () => transport.close() };
});

describeAfterDot('capture', {
  async lost() {
    const transport = createCaptureTransport({
      random,
      onMessage: () => Promise.reject(new Error('inbox is full')),
    });
    return { transport, arrivals: async () => [], close: () => transport.close() };
  },
  async silent() {
    const taken = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const transport = createCaptureTransport({
      random,
      onMessage() {
        taken.resolve();
        return end.promise;
      },
    });
    return {
      transport,
      arrivals: async () => [],
      taken: () => taken.promise,
      async close() {
        end.resolve();
        await transport.close();
      },
    };
  },
});

const { envelope, mime } = newMessage('0123456789abc', 0, { to: ['a@x.test', 'b@x.test'] });
const PARCEL = { envelope, mime, eightBit: false, smtputf8: false };

/** Sends a message through a capture transport with chaos. Returns the result and how many messages it kept. */
async function sendTo(chaos: Chaos, randomValue: number) {
  let kept = 0;
  const transport = createCaptureTransport({
    chaos,
    random: () => randomValue,
    onMessage: () => {
      kept += 1;
    },
  });
  const options = { beforeDot: () => {}, onReply: () => {}, signal: new AbortController().signal };
  const sent = await transport.send(PARCEL, options);
  await transport.close();
  return { ...sent, kept };
}

it('chaos at RCPT makes the capture transport refuse every recipient and keep nothing', async () => {
  const chaos: Chaos = { percent: 100, at: 'rcpt', delayMs: 0, reply: '550 5.1.1 no such user' };
  const reply = { code: 550, enhanced: '5.1.1', text: 'no such user' };
  expect(await sendTo(chaos, 0.99)).toMatchObject({
    ...{ phase: 'rcpt', reply, recipients: [reply, reply], kept: 0 },
  });
});

it('chaos at the dot makes the capture transport refuse the message and keep nothing', async () => {
  const chaos: Chaos = { percent: 100, at: 'dot', delayMs: 1, reply: '451 later' };
  const reply = { code: 451, text: 'later' };
  expect(await sendTo(chaos, 0)).toMatchObject({ phase: 'done', reply, recipients: [], kept: 0 });
});

it('chaos affects the given percentage of messages, and without a reply it only delays them', async () => {
  const chaos: Chaos = { percent: 30, at: 'rcpt', delayMs: 0, reply: '550 no' };
  expect(await sendTo(chaos, 0.3)).toMatchObject({ phase: 'done', kept: 1 });
  expect(await sendTo(chaos, 0.29)).toMatchObject({ phase: 'rcpt', kept: 0 });
  expect(await sendTo({ percent: 100, at: 'dot', delayMs: 5 }, 0)).toMatchObject({ phase: 'done', kept: 1 });
});
