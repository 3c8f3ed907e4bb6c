import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type FrontOptions,
  GOOD_AUTH,
  hand,
  startFront,
} from '../../test/helpers/mail-servers/smtp-front.ts';
import { speakTo } from '../../test/helpers/mail-servers/smtp-speaker.ts';
import { createTestCa } from '../../test/helpers/mail-servers/test-ca.ts';

const ca = createTestCa();
const folder = mkdtempSync(join(tmpdir(), 'postern-smtp-tls-'));
const certificate = {
  certificateFile: join(folder, 'chain.pem'),
  certificateKeyFile: join(folder, 'key.pem'),
};
const LISTENERS = [
  { host: '127.0.0.1', port: 0, isImplicitTls: false },
  { host: '127.0.0.1', port: 0, isImplicitTls: true },
];

beforeEach(() => install('localhost'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Installs a certificate with another first name as renewal programs do: it writes a new file and renames it. */
function install(name: string): void {
  const { cert, key } = ca.issue([name, 'localhost']);
  replace(certificate.certificateFile, cert);
  replace(certificate.certificateKeyFile, key);
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

const start = (options: FrontOptions = {}) =>
  startFront({ listeners: LISTENERS, certificate, allowAuthInClear: false, ...options });

describe('STARTTLS', () => {
  test('makes AUTH available, and the trace field of a message says TLS', async () => {
    const { greet, mails } = await start();
    const client = await greet();
    const offer = await client.ask('EHLO c');
    expect(offer).toContain('\n250 STARTTLS');
    expect(offer).not.toContain('AUTH');
    expect(await client.ask(GOOD_AUTH)).toMatch(/^530 5\.7\.0 /);
    expect(await client.ask('STARTTLS')).toMatch(/^220 /);
    await client.secure(ca.cert);
    expect(await client.ask('MAIL FROM:<a@b.test>')).toMatch(/^503 5\.5\.1 /);
    const behind = await client.ask('EHLO c');
    expect(behind).toContain('AUTH PLAIN LOGIN');
    expect(behind).not.toContain('STARTTLS');
    expect(await client.ask('STARTTLS')).toMatch(/^502 5\.5\.1 /);
    expect(await client.ask(GOOD_AUTH)).toMatch(/^235 /);
    expect(await hand(client, 'Subject: x\r\n\r\n.\r\n')).toMatch(/^250 /);
    expect(mails[0]?.trace?.[0]?.value).toContain(' with ESMTPSA; ');
  });

  test('followed by commands in plain text ends the connection, and they are ignored', async () => {
    const { greet, mails } = await start();
    const client = await greet();
    await client.ask('EHLO c');
    client.say(`STARTTLS\r\nEHLO c\r\n${GOOD_AUTH}\r\n`);
    expect(await client.reply()).toMatch(/^421 /);
    expect(await client.reply()).toBe('closed');
    expect(mails).toEqual([]);
  });

  test('without a handshake ends the connection', async () => {
    const { greet } = await start();
    const client = await greet();
    await client.ask('EHLO c');
    await client.ask('STARTTLS');
    client.say('EHLO c\r\nNOOP\r\n');
    await client.closed;
  });

  test('followed by silence ends the connection', async () => {
    const { greet } = await start({ timeouts: { tlsMs: 50 } });
    const client = await greet();
    await client.ask('EHLO c');
    await client.ask('STARTTLS');
    await client.closed;
  });

  test('is offered together with AUTH when passwords without TLS are allowed', async () => {
    const { greet } = await start({ allowAuthInClear: true });
    const client = await greet();
    expect(await client.ask('EHLO c')).toMatch(/AUTH PLAIN LOGIN\n250 STARTTLS/);
    expect(await client.ask(GOOD_AUTH)).toMatch(/^235 /);
  });
});

describe('TLS', () => {
  test('works from the start of a connection', async () => {
    const { ports, mails } = await start();
    const client = await speakTo({ port: ports[1] ?? 0, ca: ca.cert });
    expect(await client.reply()).toBe('220 gate.test ESMTP Postern');
    expect(await client.ask('EHLO c')).toContain('AUTH PLAIN LOGIN');
    expect(await client.ask(GOOD_AUTH)).toMatch(/^235 /);
    expect(await hand(client, `${'x'.repeat(300_000)}\r\n.\r\n`)).toMatch(/^250 /);
    expect(mails[0]?.mime.length).toBe(300_002);
    expect(await client.ask('QUIT')).toMatch(/^221 /);
    expect(await client.reply()).toBe('closed');
  });

  test('before version 1.2 is refused', async () => {
    const { ports } = await start();
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const socket = connectTls({ port: ports[1] ?? 0, host: '127.0.0.1', rejectUnauthorized: false, ...old });
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.once('secureConnect', () => resolve('connected')).once('error', () => resolve('refused'));
    expect(await promise).toBe('refused');
    socket.destroy();
  });

  test('uses a new certificate without a restart, and keeps the old one while the new one is invalid', async () => {
    const { ports, greet, logged } = await start();
    const nameNow = async () => {
      const client = await greet();
      await client.ask('EHLO c');
      await client.ask('STARTTLS');
      return client.secure(ca.cert);
    };
    expect(await nameNow()).toBe('localhost');
    install('renewed.test');
    expect(await nameNow()).toBe('renewed.test');
    replace(certificate.certificateFile, ca.issue(['other.test']).cert);
    expect(await nameNow()).toBe('renewed.test');
    expect(logged.join()).toContain('the old one stays in use');
    replace(certificate.certificateFile, 'nonsense');
    expect(await nameNow()).toBe('renewed.test');
    install('again.test');
    expect(await nameNow()).toBe('again.test');
    const implicit = await speakTo({ port: ports[1] ?? 0, ca: ca.cert });
    expect(await implicit.reply()).toMatch(/^220 /);
    implicit.cut();
  });

  test('with invalid certificate files fails at the start', async () => {
    replace(certificate.certificateFile, 'nonsense');
    await expect(start()).rejects.toThrow();
  });
});

test('without a certificate a client on this machine may log in, even if AUTH in plain text is not allowed', async () => {
  const { greet } = await startFront({ allowAuthInClear: false });
  const client = await greet();
  expect(await client.ask('EHLO c')).toContain('AUTH PLAIN LOGIN');
  expect(await client.ask(GOOD_AUTH)).toMatch(/^235 /);
});

test('a port that is in use fails the start, and no port stays open', async () => {
  const { ports } = await startFront();
  const listeners = [...LISTENERS, { host: '127.0.0.1', port: ports[0] ?? 0, isImplicitTls: false }];
  await expect(start({ listeners })).rejects.toThrow('EADDRINUSE');
});
