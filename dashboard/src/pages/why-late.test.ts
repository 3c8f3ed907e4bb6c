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
    'what the server said, and when it is tried again',
    story({ lastReply: greylisted, dueAt: at(300_000) }),
    'The receiving server said 451: Greylisted, try again later. It is tried again in 5 min.',
  ],
  [
    'what went wrong where no server said anything',
    story({ lastError: 'connection refused', dueAt: at(-1) }),
    'The last attempt failed: connection refused. It is due, and waits for its turn.',
  ],
  [
    'that it was asked to be later',
    story({ state: 'queued', attempts: 0, dueAt: at(7_200_000) }),
    /later: in 2 h\.$/,
  ],
  [
    'that no provider takes it',
    story({ state: 'queued', attempts: 0, dueAt: at(0) }),
    /^No provider has taken it/,
  ],
  ['that it is under way', story({ lastReply: greylisted, dueAt: at(0) }, true), /under way/],
])('says %s', (_, message, expected) => {
  expect(whyLate(message, NOW)).toEqual(
    expected instanceof RegExp ? expect.stringMatching(expected) : expected,
  );
});

test('says nothing of what has ended, or is young', () => {
  expect(whyLate(story({ state: 'delivered' }), NOW)).toBeUndefined();
  expect(whyLate(story({ dueAt: at(300_000) }), NOW - 55_000)).toBeUndefined();
});
