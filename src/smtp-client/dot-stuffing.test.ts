import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotStuff, endOfData } from './dot-stuffing.ts';

/** Reads DATA as a server does (RFC 5321 4.5.2). */
function unstuff(data: string): string {
  const end = `\r\n${data}`.indexOf('\r\n.\r\n');
  expect(end, 'the end mark is at the end of the data').toBe(data.length - 3);
  return data.slice(0, end).replace(/(^|\n)\./g, '$1');
}

describe('dot-stuffing', () => {
  it('does not copy a message without leading dots', () => {
    const mime = Buffer.from('a.b\r\nc.\r\n');
    expect(dotStuff(mime)).toBe(mime);
  });

  it.each([
    ['.', '..'],
    ['.\r\n', '..\r\n'],
    ['a\r\n.\r\nb\r\n', 'a\r\n..\r\nb\r\n'],
    ['\r\n.\r\n.\r\n..x\r\n', '\r\n..\r\n..\r\n...x\r\n'],
  ])('adds dots to %j', (mime, stuffed) => {
    expect(dotStuff(Buffer.from(mime)).toString()).toBe(stuffed);
  });

  it.each([
    ['', '.\r\n'],
    ['a\r\n', '.\r\n'],
    ['a', '\r\n.\r\n'],
  ])('ends the data of %j with %j', (mime, end) => {
    expect(endOfData(Buffer.from(mime))).toBe(end);
  });

  it('is undone by the receiver, for any message', () => {
    const text = fc.array(fc.constantFrom('.', '..', '\r\n', '\r\n.\r\n', 'a', 'bc.'), { maxLength: 60 });
    fc.assert(
      fc.property(text, parts => {
        const mime = Buffer.from(parts.join(''));
        const received = unstuff(dotStuff(mime).toString() + endOfData(mime));
        expect(received).toBe(/(^|\n)$/.test(mime.toString()) ? mime.toString() : `${mime}\r\n`);
      }),
    );
  });
});
