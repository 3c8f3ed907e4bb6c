import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePickupFile } from './pickup-file.ts';

const ORDERS = 'x-sender: a@example.com\r\nx-receiver: b@example.net\r\n';
const MESSAGE = 'Subject: s\r\n\r\nhello\r\n';

const read = (text: string) => parsePickupFile(Buffer.from(text));

/** What is said of a file that cannot be read. */
function reasonOf(text: string): string {
  const parsed = read(text);
  return parsed.ok ? 'it can be read' : parsed.reason;
}

describe('a pickup file', () => {
  it('is orders, then an ordinary message', () => {
    expect(read(`${ORDERS}x-receiver: c@example.net\r\n${MESSAGE}`)).toEqual({
      ok: true,
      value: {
        envelope: { sender: 'a@example.com', recipients: ['b@example.net', 'c@example.net'] },
        mime: Buffer.from(MESSAGE),
        ignored: [],
      },
    });
  });

  it('may have orders in any capitals and order, with angle brackets, and bare line feeds throughout', () => {
    const text = 'X-Receiver:<b@example.net>\nX-SENDER:  <a@example.com> \nSubject: s\n\nhello\n';
    expect(read(text)).toMatchObject({
      value: {
        envelope: { sender: 'a@example.com', recipients: ['b@example.net'] },
        mime: Buffer.from(MESSAGE),
      },
    });
  });

  it.each(['<>', ''])('may have the null sender, as %j', sender => {
    expect(read(`x-sender: ${sender}\r\nx-receiver: b@example.net\r\n${MESSAGE}`)).toMatchObject({
      value: { envelope: { sender: '' } },
    });
  });

  it('names a recipient once', () => {
    expect(read(`${ORDERS}x-receiver: b@EXAMPLE.net\r\n${MESSAGE}`)).toMatchObject({
      value: { envelope: { recipients: ['b@example.net'] } },
    });
  });

  it('loses the orders that only PowerMTA obeys, and says which', () => {
    const parsed = read(`${ORDERS}x-virtual-mta: fast\r\nx-job: 7\r\nX-DSN-Notify: never\r\n${MESSAGE}`);
    expect(parsed).toMatchObject({
      value: { mime: Buffer.from(MESSAGE), ignored: ['x-virtual-mta', 'x-job', 'x-dsn-notify'] },
    });
  });

  it('keeps what looks like an order behind the first field of the message', () => {
    const message = `Subject: s\r\nx-receiver: c@example.net\r\n\r\nhello\r\n`;
    expect(read(ORDERS + message)).toMatchObject({
      value: { envelope: { recipients: ['b@example.net'] }, mime: Buffer.from(message) },
    });
  });

  it.each([
    ['nothing in it', '', 'there is no x-sender line at its beginning'],
    ['no orders', MESSAGE, 'there is no x-sender line at its beginning'],
    ['no sender', `x-receiver: b@example.net\r\n${MESSAGE}`, 'there is no x-sender line at its beginning'],
    ['two senders', `x-sender: c@example.net\r\n${ORDERS}${MESSAGE}`, 'there is more than one x-sender line'],
    ['no receiver', `x-sender: a@example.com\r\n${MESSAGE}`, 'there is no x-receiver line at its beginning'],
    ['no message', ORDERS, 'there is no message behind the orders'],
    ['a folded order', `${ORDERS} ,c@example.net\r\n${MESSAGE}`, 'an order goes on in a second line'],
    ['NUL in the message', `${ORDERS}${MESSAGE}\0`, 'the message holds NUL'],
  ])('is refused with %s', (_, text, reason) => {
    expect(reasonOf(text)).toBe(reason);
  });

  it.each([
    ['a bad sender', `x-sender: a b\r\nx-receiver: b@example.net\r\n${MESSAGE}`, /^x-sender: /],
    ['a bad receiver', `${ORDERS}x-receiver: nobody\r\n${MESSAGE}`, /^x-receiver "nobody": /],
    ['a list of receivers', `${ORDERS}x-receiver: c@d.e,f@g.h\r\n${MESSAGE}`, /^x-receiver "c@d.e,f@g.h": /],
    ['CR inside of an order', `${ORDERS}x-receiver: c@d.e\rx\r\n${MESSAGE}`, /^x-receiver /],
  ])('is refused with %s', (_, text, reason) => {
    expect(reasonOf(text)).toMatch(reason);
  });

  it('never throws, whatever is in it', () => {
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
