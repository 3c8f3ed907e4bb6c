import { describe, expect, test } from 'vitest';
import type { Mailbox } from '../../src/core/address.ts';
import type { Attachment } from '../../src/core/message.ts';
import { compose } from '../../src/mime/compose.ts';
import { checkLineEnds } from '../../src/mime/line-ends.ts';
import { type CorpusCase, createCorpus } from '../helpers/mime/mime-corpus.ts';
import {
  type ReadMessage,
  readWithMailparser,
  readWithPostalMime,
  readWithPython,
} from '../helpers/mime/mime-readers.ts';

const FRAME = {
  date: Date.UTC(2026, 10, 21, 2, 29, 15),
  messageId: '<01h455vb4pex5.corpus@corpus.test>',
  boundaryToken: 'token0token0token0',
};

const corpus = createCorpus(20_261_121).map(item => ({
  item,
  composed: compose(item.content, { ...FRAME, ...item.rules }),
}));
const mimes = corpus.map(({ composed }) => composed.mime);

describe(`a corpus of ${corpus.length} composed messages`, () => {
  test('has CRLF line ends only, no line over 998 octets and no NUL', () => {
    const broken = corpus.filter(({ composed }) => Object.keys(checkLineEnds(composed.mime)).length > 0);
    expect(broken.map(({ item }) => item.name)).toEqual([]);
  });

  test('is 7-bit unless 8-bit was asked for, and says what it is', () => {
    for (const { item, composed } of corpus) {
      const isEightBit = composed.mime.some(octet => octet > 127);
      expect(composed.eightBit, item.name).toBe(isEightBit);
      expect(composed.smtputf8, item.name).toBe(false);
      if (item.rules.eightBit !== true) expect(isEightBit, item.name).toBe(false);
    }
  });

  test('has header lines of at most 78 columns but for words that are longer themselves', () => {
    for (const { item, composed } of corpus) {
      const header = composed.mime.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';
      const tooLong = header.split('\r\n').filter(line => line.length > 78);
      const foldable = tooLong.filter(line => /[^ :] [^ ]/.test(line) || line.length > 998);
      expect(foldable, item.name).toEqual([]);
    }
  });

  test('means to postal-mime what was to be said', async () => {
    const read = await Promise.all(mimes.map(readWithPostalMime));
    expect(differences(read, { text: withoutLastLineEnds })).toEqual([]);
  });

  test('means to mailparser what was to be said', async () => {
    const read = await Promise.all(mimes.map(readWithMailparser));
    expect(differences(read, { text: withoutLastLineEnds })).toEqual([]);
  });

  test('means to the email package of Python what was to be said', context => {
    const read = readWithPython(mimes);
    if (read === undefined) return context.skip('python3 is not installed: its reading is not compared');
    expect(read.flatMap(({ defects = ['no report'] }) => defects)).toEqual([]);
    expect(differences(read, { name: withoutBlanks, value: value => value.trimStart() })).toEqual([]);
  });
});

/** What a reader is known to get wrong is taken out of both sides before they are compared. */
interface KnownLimits {
  readonly text?: (text: string) => string;
  readonly name?: (name: string) => string;
  readonly value?: (value: string) => string;
}

/** postal-mime counts the line end before a boundary to an html part, mailparser to an empty one. */
function withoutLastLineEnds(text: string): string {
  return text.replace(/\n+$/, '');
}

/** Python before 3.12 puts a blank between two encoded-words of a display name (RFC 2047 6.2 forbids it). */
function withoutBlanks(name: string): string {
  return name.replaceAll(' ', '');
}

/** The first few fields that a reader sees otherwise than they were meant. */
function differences(read: readonly ReadMessage[], limits: KnownLimits): unknown[] {
  const found: unknown[] = [];
  read.forEach((message, index) => {
    const item = corpus[index]?.item;
    if (item === undefined) throw new Error('More was read than composed');
    // A body that ends the message ends in a line end whether its text did or not.
    const own = isOnlyPart(item) ? { ...limits, text: withoutLastLineEnds } : limits;
    const seen = comparable(message, own);
    const meant = comparable(meaningOf(item), own);
    for (const field of Object.keys(meant) as (keyof ReadMessage)[]) {
      if (JSON.stringify(seen[field]) !== JSON.stringify(meant[field])) {
        found.push({ case: item.name, field, meant: meant[field], seen: seen[field] });
      }
    }
  });
  return found.slice(0, 5);
}

function comparable(message: ReadMessage, limits: KnownLimits): ReadMessage {
  const { text = same, name = same, value = same } = limits;
  const named = (list: ReadMessage['to']) =>
    list.map(box => ({ name: name(box.name), address: box.address }));
  const plain = (body: string | undefined) => text((body ?? '').replaceAll('\r\n', '\n'));
  return {
    from: named(message.from),
    sender: named(message.sender),
    to: named(message.to),
    cc: named(message.cc),
    replyTo: named(message.replyTo),
    subject: message.subject,
    messageId: message.messageId,
    date: message.date,
    headers: message.headers.map(([field, content]) => [field, value(content)] as const),
    text: plain(message.text),
    html: plain(message.html),
    attachments: message.attachments.map(file => ({
      filename: file.filename,
      contentType: file.contentType,
      cid: file.cid,
      isInline: file.isInline,
      base64: file.base64,
    })),
  };
}

function same(text: string): string {
  return text;
}

function meaningOf({ content }: CorpusCase): ReadMessage {
  const { text, html, attachments } = content;
  const isInline = (file: Attachment) => file.cid !== undefined && html !== undefined;
  const inOrder = [...attachments.filter(isInline), ...attachments.filter(file => !isInline(file))];
  return {
    from: mailboxes([content.from]),
    sender: mailboxes(content.sender ? [content.sender] : []),
    to: mailboxes(content.to),
    cc: mailboxes(content.cc),
    replyTo: mailboxes(content.replyTo),
    subject: content.subject,
    messageId: FRAME.messageId,
    date: FRAME.date,
    headers: content.headers.map(({ name, value }) => [name.toLowerCase(), value] as const),
    text: text?.replace(/\r\n|\r/g, '\n'),
    html: html?.replace(/\r\n|\r/g, '\n'),
    attachments: inOrder.map(file => ({
      filename: file.filename,
      contentType: file.contentType,
      cid: file.cid,
      isInline: isInline(file),
      base64: base64Of(file.content),
    })),
  };
}

function isOnlyPart({ content }: CorpusCase): boolean {
  return (content.text === undefined || content.html === undefined) && content.attachments.length === 0;
}

function mailboxes(list: readonly Mailbox[]): { name: string; address: string }[] {
  return list.map(({ name = '', address }) => ({ name, address }));
}

function base64Of(content: Attachment['content']): string {
  return typeof content === 'string' ? content.replace(/\s/g, '') : Buffer.from(content).toString('base64');
}
