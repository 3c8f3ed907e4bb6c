import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readStatus } from './reply.ts';

const statusesOf = (reply: Buffer) =>
  Array.from({ length: reply.length + 1 }, (_, length) => readStatus(reply.subarray(0, length)));

test('a reply has a status only after it is complete', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), fc.uint8Array(), (status, body) => {
      const head = `HTTP/1.1 ${status} x\r\nDate: now\r\ncontent-length: ${body.length}\r\n\r\n`;
      const statuses = statusesOf(Buffer.concat([Buffer.from(head), body]));
      expect(statuses.indexOf(status)).toBe(statuses.length - 1);
      expect(new Set(statuses)).toEqual(new Set([undefined, status]));
    }),
  );
});

test('the length is not read from the body or from another field', () => {
  const body = '\r\nContent-Length: 5000';
  const head = `HTTP/1.1 400 no\r\nx-content-length: 99\r\nContent-Length: ${body.length}\r\n\r\n`;
  expect(readStatus(Buffer.from(head + body))).toBe(400);
});

test.each([
  ['is chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['has another HTTP version', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['is not HTTP', '220 sink.test ESMTP\r\n\r\n'],
])('a reply that %s is refused', (_, text) => {
  expect(() => readStatus(Buffer.from(text))).toThrow('cannot read');
});
