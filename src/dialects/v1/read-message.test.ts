import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { toSubmission } from './read-message.ts';

const BASE = { from: 'a@b.example', to: 'c@d.example' };

function contentOf(fields: object) {
  const { body } = toSubmission({ ...BASE, ...fields }, undefined);
  if (body.kind !== 'content') throw new Error('v1 always gives content');
  return body.content;
}

/** The fields at fault, in the order in which they are told. */
function faultsOf(fields: object): string[] {
  try {
    toSubmission({ ...BASE, ...fields }, undefined);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.details.problems?.map(({ field }) => field) ?? [];
  }
}

describe('addresses', () => {
  const c = { address: 'c@d.example' };
  const e = { address: 'e@f.example' };

  test.each([
    ['a text', 'c@d.example', [c]],
    ['a comma list', 'C <c@d.example>, e@f.example', [{ name: 'C', ...c }, e]],
    ['an object', { name: 'C', ...c }, [{ name: 'C', ...c }]],
    ['an object without a name', { name: null, ...c }, [c]],
    [
      'an array of all of these',
      ['c@d.example', { name: '', ...e }, 'E <e@f.example>'],
      [c, e, { name: 'E', ...e }],
    ],
  ])('may be %s', (_what, to, mailboxes) => {
    expect(contentOf({ to }).to).toEqual(mailboxes);
  });

  test('are each a recipient once, in the order to, cc, bcc; copies never show bcc', () => {
    const submission = toSubmission(
      { ...BASE, to: ['c@d.example', 'c@D.example'], cc: 'e@f.example', bcc: ['g@h.example', 'e@f.example'] },
      undefined,
    );
    expect(submission.envelope.recipients).toEqual(['c@d.example', 'e@f.example', 'g@h.example']);
    expect(JSON.stringify(submission.body)).not.toContain('g@h.example');
  });

  test('of the sender may be left to the provider', () => {
    const submission = toSubmission({ to: 'c@d.example' }, undefined);
    expect(submission.envelope.sender).toBe('');
    expect(submission.body).not.toHaveProperty('content.from');
  });

  test.each([
    [{ to: [] }, ['to']],
    [{ to: '', cc: null, bcc: [] }, ['to']],
    [{ to: [null, '', 5, {}, ['c@d.example']] }, ['to[0]', 'to[1]', 'to[2]', 'to[3].address', 'to[4]']],
    [{ to: ',' }, ['to']],
    [{ to: { address: 'c@d.example', adress: 'x' } }, ['to.adress']],
    [{ to: { address: 'c@d.example', name: 5 } }, ['to.name']],
    [{ from: 'a@b.example, c@d.example' }, ['from']],
    [{ from: ['a@b.example'] }, ['from']],
    [{ replyTo: 'nobody', cc: 5, bcc: true }, ['cc', 'bcc', 'replyTo']],
    [{ to: 'c@d.example\r\nBcc: x@y.example' }, ['to']],
    [{ from: { name: 'a\r\nBcc: x', address: 'a@b.example' } }, ['from']],
    [{ to: 'c@d.example\0' }, ['to']],
  ])('of %j are refused at %j', (fields, faults) => {
    expect(faultsOf(fields)).toEqual(faults);
  });
});

describe('absent', () => {
  test.each([null, ''])('is what %j means in every optional field', nothing => {
    const names = [
      'cc',
      'bcc',
      'replyTo',
      'text',
      'html',
      'attachments',
      'headers',
      'tags',
      'metadata',
      'priority',
    ];
    const fields = Object.fromEntries(
      [...names, 'sendAt', 'expiresAt', 'idempotencyKey', 'from'].map(name => [name, nothing]),
    );
    expect(toSubmission({ ...BASE, ...fields }, undefined)).toEqual(toSubmission({ to: BASE.to }, undefined));
  });

  test('is what [] means where an object is expected', () => {
    const submission = toSubmission({ ...BASE, headers: [], metadata: [] }, undefined);
    expect(submission).toEqual({ ...toSubmission(BASE, undefined), metadata: {} });
  });
});

describe('everything else', () => {
  test('is carried', () => {
    const submission = toSubmission(
      {
        ...BASE,
        replyTo: 'r@b.example',
        subject: 'Größe',
        text: 'a\n\tb',
        html: '<p>',
        attachments: [
          {
            filename: 'a b.pdf',
            content: 'QUJD',
            contentType: 'application/pdf',
            encoding: 'base64',
            cid: null,
          },
          { content: '', cid: 'logo@b.example', contentType: 'image/svg+xml; charset="utf-8"' },
        ],
        headers: { 'X-Order': '7', 'X-Empty': '' },
        tags: ['a', 'b c'],
        metadata: { order: '7', empty: '' },
        priority: 'bulk',
        sendAt: '2030-01-31T10:00:00+01:00',
        expiresAt: '2030-02-01T00:00:00.5Z',
        idempotencyKey: 'k',
      },
      'k',
    );
    expect(submission).toMatchObject({
      body: {
        content: {
          replyTo: [{ address: 'r@b.example' }],
          subject: 'Größe',
          text: 'a\n\tb',
          html: '<p>',
          attachments: [
            { filename: 'a b.pdf', content: 'QUJD', contentType: 'application/pdf' },
            { content: '', cid: 'logo@b.example', contentType: 'image/svg+xml; charset="utf-8"' },
          ],
          headers: [{ name: 'X-Order', value: '7' }],
        },
      },
      tags: ['a', 'b c'],
      metadata: { order: '7', empty: '' },
      priority: 'bulk',
      sendAt: Date.UTC(2030, 0, 31, 9),
      expiresAt: Date.UTC(2030, 1, 1, 0, 0, 0, 500),
      idempotencyKey: 'k',
    });
  });

  test('of headers may also come as a list, where a name may stand twice', () => {
    const headers = [
      { name: 'X-A', value: '1' },
      { name: 'x-a', value: '2' },
    ];
    expect(contentOf({ headers }).headers).toEqual(headers);
  });

  test.each([
    [{ subject: 'a\nb' }, ['subject']],
    [{ subject: 'a\0' }, ['subject']],
    [{ text: 'a\0', html: '\0' }, ['text', 'html']],
    [{ text: 5, to: 'nobody' }, ['text', 'to']],
    [{ headers: { 'X-A': 'a\r\nBcc: x' } }, ['headers.X-A']],
    [
      { headers: { 'X A': 'a', Bcc: 'x@y.example', 'X-N': 5 } },
      ['headers.X A', 'headers.Bcc', 'headers.X-N'],
    ],
    [{ headers: [{ name: 'X-A', value: 'a', x: 1 }, 'X-B: b'] }, ['headers[0]', 'headers[1]']],
    [{ headers: 'X-A: a' }, ['headers']],
    [{ headers: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`X-${i}`, 'a'])) }, ['headers']],
    [{ attachments: {} }, ['attachments']],
    [{ attachments: [{ filename: 'x' }] }, ['attachments[0].content']],
    [{ attachments: [{ content: 'QUJD', path: '/etc/passwd' }] }, ['attachments[0].path']],
    [{ attachments: [{ content: 'not base64!' }] }, ['attachments[0].content']],
    [
      {
        attachments: [
          { content: '', filename: '../x' },
          { content: '', cid: '<x>' },
        ],
      },
      ['attachments[0].filename', 'attachments[1].cid'],
    ],
    [{ attachments: [{ content: '', contentType: 'text/plain\r\nX: y' }] }, ['attachments[0].contentType']],
    [{ tags: ['a\n'] }, ['tags']],
    [{ tags: [''] }, ['tags[0]']],
    [{ metadata: { a: 5 } }, ['metadata.a']],
    [{ metadata: { '': 'x' } }, ['metadata']],
    [{ sendAt: '2030-02-30T00:00:00Z', expiresAt: 1893456000 }, ['sendAt', 'expiresAt']],
    [{ sendAt: 'tomorrow' }, ['sendAt']],
    [{ sendAt: '2030-01-01' }, ['sendAt']],
    [{ __proto__: null, constructor: 1, toString: 2 }, ['constructor', 'toString']],
  ])('of %j is refused at %j', (fields, faults) => {
    expect(faultsOf(fields)).toEqual(faults);
  });

  test('named __proto__ is an unknown field like any other', () => {
    const json: unknown = JSON.parse('{"to":"c@d.example","__proto__":{"from":"x@y.example"}}');
    expect(() => toSubmission(json, undefined)).toThrow('__proto__: unknown field');
  });

  test('is refused when two idempotency keys disagree', () => {
    expect(() => toSubmission({ ...BASE, idempotencyKey: 'a' }, 'b')).toThrow('idempotencyKey');
  });

  test('is refused in bounded words, however much is wrong', () => {
    const fields = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`unknown${i}`, i]));
    const error = catchError(() => toSubmission({ ...fields, ['x'.repeat(1_000_000)]: 1 }, undefined));
    expect(error.details.problems).toHaveLength(100);
    expect(JSON.stringify(error.details.problems).length + error.message.length).toBeLessThan(20_000);
  });

  test.each([5, null, [], 'x', true])('is refused when the whole is %j', json => {
    expect(catchError(() => toSubmission(json, undefined)).details.problems).toEqual([
      { field: 'body', message: 'must be object' },
    ]);
  });
});

function catchError(action: () => unknown): AppError {
  try {
    action();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
