import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../core/address.ts';
import { letterIn, mailboxesIn, sentItemOf } from './sent-message.ts';

const address = (text: string) => {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
};
const PROBE = address('probe@temp-mail.test');

function mime(...lines: string[]): Buffer {
  return Buffer.from(lines.join('\r\n'));
}

describe('a sent letter', () => {
  test('is JSON of version 2 with what was sent, and no token', () => {
    const item = sentItemOf(PROBE, {
      fromName: 'Me',
      toName: '',
      toMail: 'you@example.com',
      subject: 'Hello',
      content: '<b>x</b>',
      isHtml: true,
    });
    expect(item).toEqual({
      address: PROBE,
      raw: '{"version":"v2","from_name":"Me","to_name":"","to_mail":"you@example.com","subject":"Hello","content":"<b>x</b>","is_html":true}',
    });
  });
});

describe('the letter in a MIME message', () => {
  const recipients = [address('a@example.com'), address('b@example.com')];

  test('has the decoded names and subject, and all recipients', async () => {
    const message = mime(
      'From: =?utf-8?q?M=C3=BCller?= <probe@temp-mail.test>',
      'To: "The A" <a@example.com>',
      'Subject: =?utf-8?b?R3LDvMOfZQ==?=',
      '',
      'Text',
    );
    expect(await letterIn(message, recipients)).toEqual({
      fromName: 'Müller',
      toName: 'The A',
      toMail: 'a@example.com, b@example.com',
      subject: 'Grüße',
      content: 'Text\n',
      isHtml: false,
    });
  });

  test('is the HTML where there is text as well, without the files', async () => {
    const message = mime(
      'From: probe@temp-mail.test',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: multipart/alternative; boundary=c',
      '',
      '--c',
      '',
      'Text',
      '--c',
      'Content-Type: text/html',
      '',
      '<b>x</b>',
      '--c--',
      '--b',
      'Content-Type: application/octet-stream',
      'Content-Disposition: attachment; filename=x.bin',
      '',
      'secret',
      '--b--',
      '',
    );
    const letter = await letterIn(message, recipients);
    expect(letter).toMatchObject({ isHtml: true, subject: '', fromName: '', toName: '' });
    expect(letter.content).toContain('<b>x</b>');
    expect(letter.content).not.toContain('secret');
  });

  test('is its beginning where it is very long', async () => {
    const message = mime('From: probe@temp-mail.test', '', 'x'.repeat(70).concat('\r\n').repeat(400_000));
    const { content } = await letterIn(message, recipients);
    expect(content.length).toBeGreaterThan(200 * 1024);
    expect(content.length).toBeLessThan(300 * 1024);
  });

  test('has no content when it nests deeper than anybody reads', async () => {
    const parts = Array.from({ length: 60 }, (_, depth) => [
      `Content-Type: multipart/mixed; boundary=b${depth}`,
      '',
      `--b${depth}`,
    ]);
    const message = mime('From: probe@temp-mail.test', ...parts.flat(), '', 'Text');
    expect(await letterIn(message, recipients)).toMatchObject({ content: '', isHtml: false });
  });
});

test('there is a letter in anything at all', async () => {
  const line = fc.oneof(
    fc.constantFrom(
      'From: a@b.c',
      'To: =?utf-8?b?/w==?= <a@b.c>',
      'Content-Type: multipart/mixed; boundary=b',
      '--b',
      '',
    ),
    fc.constantFrom(
      'Content-Transfer-Encoding: base64',
      'Content-Type: text/html; charset=nonsense',
      '--b--',
    ),
    fc.string({ unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 20 }), async lines => {
      expect(JSON.parse(sentItemOf(PROBE, await letterIn(mime(...lines), [PROBE])).raw)).toMatchObject({
        version: 'v2',
        to_mail: PROBE,
      });
    }),
  );
});

describe('the mailboxes of a header field', () => {
  test('are those of all fields of that name', () => {
    const message = mime(
      'From: a@example.com',
      'X: y',
      'FROM: B <b@example.com>, c@example.com',
      '',
      'From: d@e.f',
    );
    expect(mailboxesIn(message, 'from')?.map(mailbox => mailbox.address)).toEqual([
      'a@example.com',
      'b@example.com',
      'c@example.com',
    ]);
  });

  test('are unknown when one cannot be read', () => {
    expect(mailboxesIn(mime('From: nobody at all', '', ''), 'from')).toBeUndefined();
  });
});
