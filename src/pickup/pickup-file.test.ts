import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePickupFile } from './pickup-file.ts';

const ENVELOPE = 'x-sender: a@example.com\r\nx-receiver: b@example.net\r\n';
const MESSAGE = 'Subject: s\r\n\r\nhello\r\n';

const read = (text: string) => parsePickupFile(Buffer.from(text));

/** Returns the reason for the rejection of a file. */
function reasonOf(text: string): string {
  const parsed = read(text);
  return parsed.ok ? 'the file is valid' : parsed.reason;
}

describe('a pickup file', () => {
  it('has envelope lines, then an ordinary message', () => {
    expect(read(`${ENVELOPE}x-receiver: c@example.net\r\n${MESSAGE}`)).toEqual({
      ok: true,
      value: {
        envelope: { sender: 'a@example.com', recipients: ['b@example.net', 'c@example.net'] },
        mime: Buffer.from(MESSAGE),
        ignored: [],
      },
    });
  });

  it('can have envelope lines in any case and order, with angle brackets, and LF as line end', () => {
    const text = 'X-Receiver:<b@example.net>\nX-SENDER:  <a@example.com> \nSubject: s\n\nhello\n';
    expect(read(text)).toMatchObject({
      value: {
        envelope: { sender: 'a@example.com', recipients: ['b@example.net'] },
        mime: Buffer.from(MESSAGE),
      },
    });
  });

  it.each(['<>', ''])('can have the null sender, written as %j', sender => {
    expect(read(`x-sender: ${sender}\r\nx-receiver: b@example.net\r\n${MESSAGE}`)).toMatchObject({
      value: { envelope: { sender: '' } },
    });
  });

  it('can repeat a recipient, which gets one copy', () => {
    expect(read(`${ENVELOPE}x-receiver: b@EXAMPLE.net\r\n${MESSAGE}`)).toMatchObject({
      value: { envelope: { recipients: ['b@example.net'] } },
    });
  });

  it('can have lines that only PowerMTA obeys: they are removed and reported', () => {
    const parsed = read(`${ENVELOPE}x-virtual-mta: fast\r\nx-job: 7\r\nX-DSN-Notify: never\r\n${MESSAGE}`);
    expect(parsed).toMatchObject({
      value: { mime: Buffer.from(MESSAGE), ignored: ['x-virtual-mta', 'x-job', 'x-dsn-notify'] },
    });
  });

  it('keeps lines like x-receiver after the first field of the message', () => {
    const message = `Subject: s\r\nx-receiver: c@example.net\r\n\r\nhello\r\n`;
    expect(read(ENVELOPE + message)).toMatchObject({
      value: { envelope: { recipients: ['b@example.net'] }, mime: Buffer.from(message) },
    });
  });

  it.each([
    ['no content', '', 'there is no x-sender line at its beginning'],
    ['no envelope lines', MESSAGE, 'there is no x-sender line at its beginning'],
    ['no sender', `x-receiver: b@example.net\r\n${MESSAGE}`, 'there is no x-sender line at its beginning'],
    [
      'two senders',
      `x-sender: c@example.net\r\n${ENVELOPE}${MESSAGE}`,
      'there is more than one x-sender line',
    ],
    ['no receiver', `x-sender: a@example.com\r\n${MESSAGE}`, 'there is no x-receiver line at its beginning'],
    ['no message', ENVELOPE, 'there is no message after the envelope lines'],
    [
      'a folded envelope line',
      `${ENVELOPE} ,c@example.net\r\n${MESSAGE}`,
      'an envelope line is continued on a second line',
    ],
    ['a NUL in the message', `${ENVELOPE}${MESSAGE}\0`, 'the message contains a NUL'],
  ])('is rejected with %s', (_, text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });

  it.each([
    ['a bad sender', `x-sender: a b\r\nx-receiver: b@example.net\r\n${MESSAGE}`, /^x-sender: /],
    ['a bad receiver', `${ENVELOPE}x-receiver: nobody\r\n${MESSAGE}`, /^x-receiver "nobody": /],
    [
      'a list of receivers',
      `${ENVELOPE}x-receiver: c@d.e,f@g.h\r\n${MESSAGE}`,
      /^x-receiver "c@d.e,f@g.h": /,
    ],
    ['a CR inside an envelope line', `${ENVELOPE}x-receiver: c@d.e\rx\r\n${MESSAGE}`, /^x-receiver /],
  ])('is rejected with %s', (_, text, reason) => {
    expect(reasonOf(text)).toMatch(reason);
  });

  it('is parsed without an exception, whatever it contains', () => {
    const line = fc.constantFrom(
      'x-sender: a@b.c\n',
      'x-receiver: d@e.f\r\n',
      'x-job:',
      '\n',
      'Subject: s\r\n',
    );
    const file = fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }).map(parts => parts.join(''));
    fc.assert(
      fc.property(file, text => {
        const parsed = read(text);
        if (parsed.ok) expect(parsed.value.envelope.recipients.length).toBeGreaterThan(0);
      }),
    );
  });
});
