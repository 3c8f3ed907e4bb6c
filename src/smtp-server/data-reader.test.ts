import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dotStuff, endOfData } from '../smtp-client/dot-stuffing.ts';
import { createDataReader } from './data-reader.ts';

function read(parts: readonly (string | Buffer)[]) {
  const chunks = parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part));
  const pieces: Buffer[] = [];
  const reader = createDataReader(piece => pieces.push(Buffer.from(piece)));
  let rest: string | undefined;
  for (const chunk of chunks) {
    if (rest === undefined) rest = reader.push(chunk)?.toString('latin1');
    else rest += chunk.toString('latin1');
  }
  return { text: Buffer.concat(pieces).toString('latin1'), rest, isBad: reader.hasBadOctets() };
}

test('CRLF dot CRLF ends the message, and the rest of the chunk is left for the commands', () => {
  expect(read(['Subject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n'])).toEqual({
    text: 'Subject: x\r\n\r\nhello\r\n',
    rest: 'QUIT\r\n',
    isBad: false,
  });
});

test('a dot on the first line ends an empty message', () => {
  expect(read(['.\r\n'])).toEqual({ text: '', rest: '', isBad: false });
});

test('a dot that was put before a line is removed, whatever follows it', () => {
  expect(read(['..\r\n.a\r\n...\r\n.\r\n']).text).toBe('.\r\na\r\n..\r\n');
});

const SMUGGLED = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r',
  '\r.\r\n',
  '\r\n.\r',
  '\r\n\0.\r\n',
  '\r\r\n.\r\r\n',
  '\n\n.\r\n\r\n',
  '\r\n.\0\r\n',
];

test.each(SMUGGLED.map(form => [JSON.stringify(form), form] as const))(
  '%s does not end a message, and makes it invalid',
  (_, form) => {
    const whole = `a${form}MAIL FROM:<x@y.test>\r\n.\r\nQUIT\r\n`;
    for (const chunks of [[whole], [...whole]]) {
      const { text, rest, isBad } = read(chunks);
      expect(rest).toBe('QUIT\r\n');
      expect(isBad).toBe(true);
      expect(text).toContain('MAIL FROM:<x@y.test>\r\n');
    }
  },
);

test('a bare CR, a bare LF and a NUL are detected everywhere, and CRLF is not', () => {
  for (const bad of ['\r', '\n', '\0', '\r\r\n', '\n\r', 'a\rb', 'a\nb\r\n']) {
    expect(read([`${bad}x\r\n.\r\n`]).isBad, JSON.stringify(bad)).toBe(true);
  }
  expect(read(['a\r\n\r\n\r\nb\r\n.\r\n']).isBad).toBe(false);
});

/** Pieces of text that are difficult for a reader of DATA. */
const text = fc.array(fc.constantFrom('\r\n', '.', '..', 'a', 'MAIL', '\r\n.', '\xff', ' '), {
  maxLength: 40,
});

test('a dot-stuffed message is read as it was, whatever the chunks', () => {
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (words, lengths) => {
      const mime = Buffer.from(words.join(''), 'latin1');
      const sent = Buffer.concat([dotStuff(mime), Buffer.from(`${endOfData(mime)}NOOP\r\n`)]);
      const { text: got, rest, isBad } = readIn(sent, lengths);
      const isWhole = mime.length === 0 || mime.at(-1) === 10;
      expect(got).toBe(mime.toString('latin1') + (isWhole ? '' : '\r\n'));
      expect({ rest, isBad }).toEqual({ rest: 'NOOP\r\n', isBad: false });
    }),
  );
});

test('any octets are read the same in one chunk and in many', () => {
  const octets = fc.array(fc.constantFrom('\r', '\n', '.', '\0', 'a'), { maxLength: 60 });
  fc.assert(
    fc.property(octets, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), (words, lengths) => {
      const bytes = Buffer.from(`${words.join('')}\r\n.\r\nrest`);
      expect(readIn(bytes, lengths)).toEqual(read([bytes]));
    }),
  );
});

function readIn(bytes: Buffer, lengths: readonly number[]) {
  const chunks: string[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    chunks.push(bytes.toString('latin1', at, at + length));
    at += length;
  }
  return read(chunks.map(chunk => Buffer.from(chunk, 'latin1')));
}
