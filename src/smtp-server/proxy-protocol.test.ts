import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startFront } from '../../test/helpers/mail-servers/smtp-front.ts';
import { speakTo } from '../../test/helpers/mail-servers/smtp-speaker.ts';
import { parseProxyLine } from './proxy-protocol.ts';

describe('a PROXY protocol line', () => {
  test.each([
    ['PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\r\n', '192.0.2.7'],
    ['PROXY TCP6 2001:db8::7 2001:db8::1 4711 25\r\n', '2001:db8::7'],
    ['PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.1 4711 25\r\n', '192.0.2.7'],
    ['PROXY UNKNOWN\r\n', undefined],
    ['PROXY UNKNOWN ffff:: ffff:: 65535 65535\r\n', undefined],
  ])('%j names %s', (line, client) => {
    expect(parseProxyLine(line)).toEqual({ client });
  });

  test.each([
    'EHLO client.test\r\n',
    'PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\n',
    'PROXY TCP4 2001:db8::7 2001:db8::1 4711 25\r\n',
    'PROXY TCP6 192.0.2.7 192.0.2.1 4711 25\r\n',
    'PROXY TCP4 192.0.2 192.0.2.1 4711 25\r\n',
    'PROXY TCP4 192.0.2.7\r\n',
    `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`,
    '',
  ])('%j is invalid', line => {
    expect(parseProxyLine(line)).toBeUndefined();
  });

  test('any text is parsed without an exception', () => {
    fc.assert(fc.property(fc.string(), text => void parseProxyLine(`PROXY ${text}\r\n`)));
  });
});

describe('an SMTP server behind a proxy', () => {
  const BEHIND = { isProxy: (address: string) => address === '127.0.0.1', maxConnectionsPerAddress: 1 };
  const lineOf = (client: string) => `PROXY TCP4 ${client} 192.0.2.1 4711 25\r\n`;

  test('learns the client address from the first line, in any number of pieces', async () => {
    const { ports, logged } = await startFront({ ...BEHIND, logIn: async () => undefined });
    const client = await speakTo({ port: ports[0] ?? 0 });
    const [begin, end] = [lineOf('192.0.2.7').slice(0, 9), lineOf('192.0.2.7').slice(9)];
    client.say(begin);
    client.say(`${end}EHLO client.test\r\n`);
    expect(await client.reply()).toMatch(/^220 /);
    expect(await client.reply()).toMatch(/^250-/);
    expect(await client.ask(`AUTH PLAIN ${Buffer.from('\0a\0b').toString('base64')}`)).toMatch(/^535 /);
    expect(logged.join()).toContain('"client":"192.0.2.7"');
    client.cut();
  });

  test('counts connections for each client', async () => {
    const { ports } = await startFront(BEHIND);
    const greet = async (address: string) => {
      const client = await speakTo({ port: ports[0] ?? 0 });
      client.say(lineOf(address));
      return client.reply();
    };
    expect(await greet('192.0.2.7')).toMatch(/^220 /);
    expect(await greet('192.0.2.7')).toMatch(/^421 4\.7\.0 /);
    expect(await greet('192.0.2.8')).toMatch(/^220 /);
  });

  test('closes the connection of a proxy without that line, and ignores the line of other peers', async () => {
    const behind = await startFront(BEHIND);
    const silent = await speakTo({ port: behind.ports[0] ?? 0 });
    silent.say('EHLO client.test\r\n');
    expect(await silent.reply()).toBe('closed');
    expect(behind.logged.join()).toContain('PROXY protocol');

    const open = await startFront({ isProxy: () => false });
    const liar = await speakTo({ port: open.ports[0] ?? 0 });
    expect(await liar.reply()).toMatch(/^220 /);
    expect(await liar.ask(lineOf('192.0.2.7').trimEnd())).toMatch(/^500 /);
    liar.cut();
  });
});
