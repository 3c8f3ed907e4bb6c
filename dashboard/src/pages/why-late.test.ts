import { expect, test } from 'vitest';
import type { MessageStory, Recipient } from '../data/shapes.ts';
import { whyLate } from './why-late.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

function story(recipient: Partial<Recipient>, isLeased = false): MessageStory {
  const whole: Recipient = { address: 'ada@example.net', state: 'deferred', attempts: 1, ...recipient };
  const message: Partial<MessageStory> = {
    createdAt: new Date(NOW - 60_000).toISOString(),
    isLeased,
    recipients: [whole],
  };
  return message as MessageStory;
}

const at = (ms: number) => new Date(NOW + ms).toISOString();
const greylisted = { code: 451, text: 'Greylisted, try again later' };

test.each([
  [
    'the reply of the provider and the time of the next attempt',
    story({ lastReply: greylisted, dueAt: at(300_000) }),
    'The provider replied 451: Greylisted, try again later. The next attempt is in 5 min.',
  ],
  [
    'the error of an attempt without a reply',
    story({ lastError: 'connection refused', dueAt: at(-1) }),
    'The last attempt failed: connection refused. The next attempt is due now.',
  ],
  [
    'that the message is scheduled',
    story({ state: 'queued', attempts: 0, dueAt: at(7_200_000) }),
    /^The message is scheduled: sending starts in 2 h\.$/,
  ],
  [
    'that no provider has tried the message',
    story({ state: 'queued', attempts: 0, dueAt: at(0) }),
    /^No attempt has been made yet/,
  ],
  ['that an attempt is in progress', story({ lastReply: greylisted, dueAt: at(0) }, true), /in progress/],
])('whyLate reports %s', (_, message, expected) => {
  expect(whyLate(message, NOW)).toEqual(
    expected instanceof RegExp ? expect.stringMatching(expected) : expected,
  );
});

test('whyLate is undefined for a message in a final state, and for a new one', () => {
  expect(whyLate(story({ state: 'delivered' }), NOW)).toBeUndefined();
  expect(whyLate(story({ dueAt: at(300_000) }), NOW - 55_000)).toBeUndefined();
});
