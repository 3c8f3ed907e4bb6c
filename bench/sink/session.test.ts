import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MARKER } from '../stamp.ts';
import { createSession } from './session.ts';

interface Dialogue {
  readonly ids: (number | undefined)[];
  readonly writes: string[];
  isOver: boolean;
  readonly send: (chunk: Buffer) => void;
}

function startDialogue(delayMs = 0): Dialogue {
  const ids: (number | undefined)[] = [];
  const writes: string[] = [];
  const dialogue = {
    ids,
    writes,
    isOver: false,
    send: createSession({
      delayMs,
      onMessage: id => ids.push(id),
      write: replies => writes.push(replies),
      hangUp: () => {
        dialogue.isOver = true;
      },
    }),
  };
  return dialogue;
}

const ENVELOPE = 'MAIL FROM:<a@bench.test>\r\nRCPT TO:<b@sink.test>\r\nDATA\r\n';
const numbered = (id: number) =>
  `Subject: x\r\n\r\n..dots\r\n${MARKER}${String(id).padStart(8, '0')}\r\n.\r\n`;

test('a pipelined group is answered in one write', () => {
  const dialogue = startDialogue();
  dialogue.send(Buffer.from(ENVELOPE));
  expect(dialogue.writes).toEqual(['250 ok\r\n250 ok\r\n354 go ahead\r\n']);
});

test('messages are counted by number, for every division of the input into chunks', () => {
  const ids = [7, 12_345_678, 0];
  const sent = Buffer.from(`EHLO x\r\n${ids.map(id => ENVELOPE + numbered(id)).join('')}QUIT\r\n`);
  fc.assert(
    fc.property(fc.array(fc.nat(sent.length)), cuts => {
      const dialogue = startDialogue();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), sent.length];
      for (let i = 1; i < edges.length; i++) dialogue.send(sent.subarray(edges[i - 1], edges[i]));
      expect(dialogue.ids).toEqual(ids);
      expect(dialogue.writes.join('').match(/^250 ok/gm)).toHaveLength(9);
      expect(dialogue.writes.join('')).toMatch(/221 bye\r\n$/);
      expect(dialogue.isOver).toBe(true);
    }),
  );
});

test('a large message without a number is counted without one, and the next message is found', () => {
  const dialogue = startDialogue();
  dialogue.send(Buffer.from(ENVELOPE));
  for (let i = 0; i < 10; i++) dialogue.send(Buffer.from('x'.repeat(20_000)));
  dialogue.send(Buffer.from(`\r\n.\r\n${ENVELOPE}`));
  dialogue.send(Buffer.from(numbered(3)));
  expect(dialogue.ids).toEqual([undefined, 3]);
});

test('an unknown command is refused', () => {
  const dialogue = startDialogue();
  dialogue.send(Buffer.from('STARTTLS\r\nnoop\r\n'));
  expect(dialogue.writes).toEqual(['500 unknown command\r\n250 ok\r\n']);
});

test('with a delay, the reply to a message and all later replies are delayed', async () => {
  const dialogue = startDialogue(5);
  dialogue.send(Buffer.from(ENVELOPE));
  dialogue.send(Buffer.from(numbered(1) + ENVELOPE));
  dialogue.send(Buffer.from(''));
  expect(dialogue.ids).toEqual([1]);
  expect(dialogue.writes).toHaveLength(1);
  await expect
    .poll(() => dialogue.writes)
    .toEqual([dialogue.writes[0], '250 ok\r\n250 ok\r\n250 ok\r\n354 go ahead\r\n']);
});
