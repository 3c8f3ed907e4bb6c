import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.ts';
import type { Submission } from '../../core/submission.ts';
import type { DialectRequest } from '../dialect.ts';
import { rawRoute } from './raw-routes.ts';

function parse(query: string, body: string | Buffer): Submission {
  const request: DialectRequest = {
    method: 'POST',
    path: '/v1/messages/raw',
    params: {},
    query: new URLSearchParams(query),
    headers: {},
    body: Buffer.from(body),
    at: 0,
  };
  return rawRoute.parse(request) as Submission;
}

function problemsOf(query: string, body: string): string[] {
  try {
    parse(query, body);
  } catch (error) {
    if (error instanceof AppError) return (error.details.problems ?? []).map(problem => problem.field);
    throw error;
  }
  return [];
}

describe('POST /v1/messages/raw', () => {
  it('makes a submission of the body, with CRLF for every line end', () => {
    const query = 'sender=A@Sender.test&recipient=x@rcpt.test&recipient=y@rcpt.test&recipient=x@rcpt.test';
    expect(parse(query, 'Subject: x\n\nbody\r\nend\rreally')).toEqual({
      dialect: 'v1',
      envelope: { sender: 'A@sender.test', recipients: ['x@rcpt.test', 'y@rcpt.test'] },
      body: { kind: 'raw', mime: Buffer.from('Subject: x\r\n\r\nbody\r\nend\r\nreally') },
    });
  });

  it('has the null sender when none is given', () => {
    expect(parse('recipient=x@rcpt.test', 'Subject: x').envelope.sender).toBe('');
    expect(parse('sender=&recipient=x@rcpt.test', 'Subject: x').envelope.sender).toBe('');
  });

  it('names everything that is wrong', () => {
    expect(problemsOf('sender=a&recipient=b&from=c', 'a\0b')).toEqual([
      'from',
      'sender',
      'recipient',
      'recipient',
      'body',
    ]);
    expect(problemsOf('sender=a@x.test&sender=b@x.test&recipient=', '')).toEqual([
      'sender',
      'recipient',
      'body',
    ]);
  });

  it('throws nothing but an AppError, whatever comes', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), (query, bytes) => {
        try {
          parse(query, Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
    );
  });
});
