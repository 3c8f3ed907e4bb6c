import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../core/outcome.ts';
import { createReplyParser } from './reply-parser.ts';

interface Parsed {
  readonly replies: readonly Reply[];
  readonly lines: readonly (readonly string[])[];
  readonly problem: string | undefined;
  readonly hasPartialReply: boolean;
}

function parse(...chunks: readonly (string | Buffer)[]): Parsed {
  const replies: Reply[] = [];
  const lines: (readonly string[])[] = [];
  const parser = createReplyParser((reply, of) => {
    replies.push(reply);
    lines.push(of);
  });
  let problem: string | undefined;
  for (const chunk of chunks) problem = parser.push(Buffer.from(chunk as string));
  return { replies, lines, problem, hasPartialReply: parser.hasPartialReply };
}

describe('the reply parser', () => {
  it.each<[string, string, Reply]>([
    ['a plain reply', '250 OK\r\n', { code: 250, text: 'OK' }],
    ['a reply without text', '250\r\n', { code: 250, text: '' }],
    ['a space and no text', '354 \r\n', { code: 354, text: '' }],
    ['a line that ends in a bare LF', '250 OK\n', { code: 250, text: 'OK' }],
    [
      'an enhanced code',
      '550 5.1.1 No such user\r\n',
      { code: 550, enhanced: '5.1.1', text: 'No such user' },
    ],
    ['an enhanced code alone', '250 2.1.5\r\n', { code: 250, enhanced: '2.1.5', text: '' }],
    ['an enhanced code of another class', '550 4.2.2 full\r\n', { code: 550, text: '4.2.2 full' }],
    ['a version number', '220 2.1.5beta ready\r\n', { code: 220, text: '2.1.5beta ready' }],
    [
      'several lines',
      '550-5.7.26 Not authenticated.\r\n550-5.7.26 See\r\n550 5.7.26 https://example.com\r\n',
      { code: 550, enhanced: '5.7.26', text: 'Not authenticated. See https://example.com' },
    ],
    [
      'a late enhanced code',
      '450-Sorry\r\n450 4.7.1 later\r\n',
      { code: 450, enhanced: '4.7.1', text: 'Sorry later' },
    ],
    ['empty lines between', '250-\r\n250-a\r\n250 \r\n', { code: 250, text: 'a' }],
    ['controls', '550 a\tb\u0007c\u001b[31m\r\n', { code: 550, text: 'a b\ufffdc\ufffd[31m' }],
    ['UTF-8', '550 5.1.1 fünf\r\n', { code: 550, enhanced: '5.1.1', text: 'fünf' }],
  ])('reads %s', (_, bytes, reply) => {
    expect(parse(bytes)).toMatchObject({ replies: [reply], problem: undefined, hasPartialReply: false });
  });

  it('returns the lines as they were sent', () => {
    expect(parse('250-mx.example.com Hello\r\n250-SIZE 10\r\n250 AUTH PLAIN\r\n').lines).toEqual([
      ['mx.example.com Hello', 'SIZE 10', 'AUTH PLAIN'],
    ]);
  });

  it.each([
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n'],
    ['no code', 'hello\r\n'],
    ['an empty line', '\r\n'],
    ['too short a code', '25\r\n'],
    ['a code below 200', '199 x\r\n'],
    ['a code above 599', '600 x\r\n'],
    ['text directly after the code', '250OK\r\n'],
    ['a code that changes', '250-a\r\n251 b\r\n'],
    ['a line without end', `250 ${'x'.repeat(5_000)}`],
    ['a line over the limit', `250 ${'x'.repeat(5_000)}\r\n`],
    ['a reply without end', '250-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n'.repeat(2_000)],
  ])('rejects %s and ignores all data after it', (_, bytes) => {
    const parsed = parse(bytes, '250 OK\r\n');
    expect(parsed.problem).toEqual(expect.any(String));
    expect(parsed.replies).toEqual([]);
  });

  it('reports the valid replies before invalid data', () => {
    expect(parse('250 OK\r\nrubbish\r\n')).toMatchObject({
      replies: [{ code: 250, text: 'OK' }],
      problem: 'not an SMTP reply: "rubbish"',
    });
  });

  it('keeps 500 characters of a long text, and no half surrogate pair', () => {
    const { replies } = parse(`550 ${'a'.repeat(499)}\u{1f600}${'b'.repeat(600)}\r\n`);
    expect(replies[0]?.text).toBe('a'.repeat(499));
  });

  it.each(['2', '250', '250 O', '250 OK\r', '250-a\r\n'])('waits for the rest of %j', bytes => {
    expect(parse(bytes)).toMatchObject({ replies: [], problem: undefined, hasPartialReply: true });
  });

  const line = fc.string({ unit: 'grapheme', maxLength: 40 }).map(text => text.replace(/[\r\n]/g, ' '));
  const reply = fc.record({
    code: fc.integer({ min: 200, max: 599 }),
    lines: fc.array(line, { minLength: 1, maxLength: 5 }),
  });
  const format = ({ code, lines }: { code: number; lines: readonly string[] }): string =>
    lines.map((text, i) => `${code}${i < lines.length - 1 ? '-' : ' '}${text}\r\n`).join('');
  const split = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
    const at = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
    return [0, ...at].map((start, i) => bytes.subarray(start, at[i]));
  };

  it('reads the same replies whatever the chunks', () => {
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 6 }), fc.array(fc.nat()), (replies, cuts) => {
        const bytes = Buffer.from(replies.map(format).join(''));
        const whole = parse(bytes);
        expect(parse(...split(bytes, cuts))).toEqual(whole);
        expect(whole.problem).toBeUndefined();
        expect(whole.replies.map(({ code }) => code)).toEqual(replies.map(({ code }) => code));
        expect(whole.lines).toEqual(replies.map(({ lines }) => lines));
      }),
    );
  });

  it('does not throw for any data, and returns no controls and at most 500 characters', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom('250-', '550 5.1.1 x', '\r\n', '\n', '421').map(text => Buffer.from(text)),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 20 }), chunks => {
        for (const { code, text } of parse(...chunks.map(chunk => Buffer.from(chunk))).replies) {
          expect(code).toBeGreaterThanOrEqual(200);
          expect(code).toBeLessThanOrEqual(599);
          expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
          expect(text.length).toBeLessThanOrEqual(500);
        }
      }),
    );
  });
});
