import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReply } from './reply.ts';

test('a reply is found once it is whole, not before', () => {
  const reply = Buffer.from('HTTP/1.1 202 Accepted\r\ncontent-length: 11\r\nDate: now\r\n\r\n{"id":"12"}');
  for (let length = 0; length < reply.length; length++) {
    expect(readReply(reply.subarray(0, length))).toBeUndefined();
  }
  expect(readReply(reply)).toEqual({ status: 202, length: reply.length });
});

test('what follows a reply is not part of it', () => {
  const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  expect(readReply(Buffer.from(`${reply}HTTP/1.1 500 no`))).toEqual({ status: 200, length: reply.length });
});

test('a length is not read from the body, nor from another field', () => {
  const body = '\r\nContent-Length: 5000';
  const reply = `HTTP/1.1 400 no\r\nx-content-length: 99\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  expect(readReply(Buffer.from(`${reply}.`))?.length).toBe(reply.length);
});

test.each([
  ['is chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['is of another version', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['is not HTTP', '220 sink.test ESMTP\r\n\r\n'],
])('a reply that %s is refused', (_, text) => {
  expect(() => readReply(Buffer.from(text))).toThrow('cannot read');
});

test('any status and any body are understood', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), fc.uint8Array(), (status, body) => {
      const head = `HTTP/1.1 ${status} x\r\nContent-Length: ${body.length}\r\n\r\n`;
      const reply = Buffer.concat([Buffer.from(head), body]);
      expect(readReply(reply)).toEqual({ status, length: reply.length });
    }),
  );
});
