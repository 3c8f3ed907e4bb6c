import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MARKER } from '../stamp.ts';
import { createSession } from './session.ts';

interface Talk {
  readonly ids: (number | undefined)[];
  readonly writes: string[];
  isOver: boolean;
  readonly say: (chunk: Buffer) => void;
}

function startTalk(delayMs = 0): Talk {
  const ids: (number | undefined)[] = [];
  const writes: string[] = [];
  const talk = {
    ids,
    writes,
    isOver: false,
    say: createSession({
      delayMs,
      onMessage: id => ids.push(id),
      write: replies => writes.push(replies),
      hangUp: () => {
        talk.isOver = true;
      },
    }),
  };
  return talk;
}

const ENVELOPE = 'MAIL FROM:<a@bench.test>\r\nRCPT TO:<b@sink.test>\r\nDATA\r\n';
const numbered = (id: number) =>
  `Subject: x\r\n\r\n..dots\r\n${MARKER}${String(id).padStart(8, '0')}\r\n.\r\n`;

test('a pipelined group is answered in one write', () => {
  const talk = startTalk();
  talk.say(Buffer.from(ENVELOPE));
  expect(talk.writes).toEqual(['250 ok\r\n250 ok\r\n354 go on\r\n']);
});

test('messages are counted by their numbers, however what is sent is cut up', () => {
  const ids = [7, 12_345_678, 0];
  const sent = Buffer.from(`EHLO x\r\n${ids.map(id => ENVELOPE + numbered(id)).join('')}QUIT\r\n`);
  fc.assert(
    fc.property(fc.array(fc.nat(sent.length)), cuts => {
      const talk = startTalk();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), sent.length];
      for (let i = 1; i < edges.length; i++) talk.say(sent.subarray(edges[i - 1], edges[i]));
      expect(talk.ids).toEqual(ids);
      expect(talk.writes.join('').match(/^250 ok/gm)).toHaveLength(9);
      expect(talk.writes.join('')).toMatch(/221 bye\r\n$/);
      expect(talk.isOver).toBe(true);
    }),
  );
});

test('a large message without a number is counted as such, and the next is found', () => {
  const talk = startTalk();
  talk.say(Buffer.from(ENVELOPE));
  for (let i = 0; i < 10; i++) talk.say(Buffer.from('x'.repeat(20_000)));
  talk.say(Buffer.from(`\r\n.\r\n${ENVELOPE}`));
  talk.say(Buffer.from(numbered(3)));
  expect(talk.ids).toEqual([undefined, 3]);
});

test('what it does not know it refuses', () => {
  const talk = startTalk();
  talk.say(Buffer.from('STARTTLS\r\nnoop\r\n'));
  expect(talk.writes).toEqual(['500 what?\r\n250 ok\r\n']);
});

test('with a delay, the replies to a message and to all behind it come later', async () => {
  const talk = startTalk(5);
  talk.say(Buffer.from(ENVELOPE));
  talk.say(Buffer.from(numbered(1) + ENVELOPE));
  talk.say(Buffer.from(''));
  expect(talk.ids).toEqual([1]);
  expect(talk.writes).toHaveLength(1);
  await expect
    .poll(() => talk.writes)
    .toEqual([talk.writes[0], '250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n']);
});
