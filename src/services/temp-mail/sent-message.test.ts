import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../core/address.ts';
import { mailboxesIn, readSentMessage, toSentItem } from './sent-message.ts';

const address = (text: string) => {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
};
const PROBE = address('probe@temp-mail.test');

function mime(...lines: string[]): Buffer {
  return Buffer.from(lines.join('\r\n'));
}

describe('toSentItem', () => {
  test('returns JSON of version 2 with the fields of the message, without the token', () => {
    const item = toSentItem(PROBE, {
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

describe('readSentMessage', () => {
  const recipients = [address('a@example.com'), address('b@example.com')];

  test('returns the decoded names and subject, and all recipients', async () => {
    const message = mime(
      'From: =?utf-8?q?M=C3=BCller?= <probe@temp-mail.test>',
      'To: "The A" <a@example.com>',
      'Subject: =?utf-8?b?R3LDvMOfZQ==?=',
      '',
      'Text',
    );
    expect(await readSentMessage(message, recipients)).toEqual({
      fromName: 'Müller',
      toName: 'The A',
      toMail: 'a@example.com, b@example.com',
      subject: 'Grüße',
      content: 'Text\n',
      isHtml: false,
    });
  });

  test('returns the HTML if there is text too, without the attachments', async () => {
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
    const sent = await readSentMessage(message, recipients);
    expect(sent).toMatchObject({ isHtml: true, subject: '', fromName: '', toName: '' });
    expect(sent.content).toContain('<b>x</b>');
    expect(sent.content).not.toContain('secret');
  });

  test('returns only the beginning of a very long message', async () => {
    const message = mime('From: probe@temp-mail.test', '', 'x'.repeat(70).concat('\r\n').repeat(400_000));
    const { content } = await readSentMessage(message, recipients);
    expect(content.length).toBeGreaterThan(200 * 1024);
    expect(content.length).toBeLessThan(300 * 1024);
  });

  test('returns no content if the parts are nested too deeply', async () => {
    const parts = Array.from({ length: 60 }, (_, depth) => [
      `Content-Type: multipart/mixed; boundary=b${depth}`,
      '',
      `--b${depth}`,
    ]);
    const message = mime('From: probe@temp-mail.test', ...parts.flat(), '', 'Text');
    expect(await readSentMessage(message, recipients)).toMatchObject({ content: '', isHtml: false });
  });
});

test('readSentMessage accepts any bytes', async () => {
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
      expect(JSON.parse(toSentItem(PROBE, await readSentMessage(mime(...lines), [PROBE])).raw)).toMatchObject(
        {
          version: 'v2',
          to_mail: PROBE,
        },
      );
    }),
  );
});

describe('mailboxesIn', () => {
  test('returns the mailboxes of all fields with that name', () => {
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

  test('returns undefined if one field cannot be parsed', () => {
    expect(mailboxesIn(mime('From: nobody at all', '', ''), 'from')).toBeUndefined();
  });
});
