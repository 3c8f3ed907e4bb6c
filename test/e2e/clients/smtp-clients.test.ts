import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiOf } from '../../helpers/gates/api.ts';
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { createTestCa } from '../../helpers/mail-servers/test-ca.ts';
import { findProgram, needs, type Program } from '../../helpers/programs/outside.ts';
import { type ProgramEnd, runProgram } from '../../helpers/programs/program.ts';

// Programs that people send with, against a whole gate, to a server behind it.

type Mode = 'plain' | 'starttls' | 'implicit';

/** What a program is to hand in, and how. */
interface Errand {
  readonly mode: Mode;
  readonly port: number;
  readonly password: string;
  /** Path of the message, with CRLF for line ends. */
  readonly file: string;
  readonly sender: string;
  readonly recipients: readonly string[];
}

interface Client {
  readonly name: Program;
  send(errand: Errand): Promise<ProgramEnd>;
  /** What it says of a wrong password. */
  readonly complaint: RegExp;
}

const HOST = '127.0.0.1';
const USER = 'jwt';
const ca = createTestCa();
const folder = mkdtempSync(join(tmpdir(), 'postern-clients-'));
const caFile = join(folder, 'ca.pem');
const certificateFile = join(folder, 'chain.pem');
const certificateKeyFile = join(folder, 'key.pem');

let sink: SmtpSink;
let gate: ServedGate;
let ports: Readonly<Record<Mode, number>>;
let key = '';

beforeAll(async () => {
  const certificate = ca.issue(['localhost', HOST]);
  writeFileSync(caFile, ca.cert);
  writeFileSync(certificateFile, certificate.cert);
  writeFileSync(certificateKeyFile, certificate.key);
  sink = await startSmtpSink();
  const implicit = await freePort();
  gate = await startServe({
    settings: {
      smarthost: `smtp://${sink.host}:${sink.port}`,
      'smtp.certificateFile': certificateFile,
      'smtp.certificateKeyFile': certificateKeyFile,
      'smtp.listeners': `smtps://${HOST}:${implicit}`,
    },
  });
  const plain = Number(gate.smtp.split(':')[1]);
  ports = { plain, starttls: plain, implicit };
  const api = apiOf(gate, gate.adminToken);
  const wanted = { name: 'clients', scopes: ['send'], account: 'default' };
  key = (await api.ask<{ secret: string }>('POST', '/v1/keys', wanted)).secret;
});

afterAll(async () => {
  await gate?.stop();
  await sink?.close();
  rmSync(folder, { recursive: true });
});

const CLIENTS: readonly Client[] = [
  {
    name: 'python3',
    complaint: /SMTPAuthenticationError: \(535, b'5\.7\.8 /,
    send: ({ mode, port, password, file, sender, recipients }) =>
      run('python3', [
        join(import.meta.dirname, '..', '..', 'helpers', 'mail-servers', 'smtplib-client.py'),
        ...[HOST, String(port), mode, caFile, USER, password, file, sender, ...recipients],
      ]),
  },
  {
    name: 'swaks',
    complaint: /<~?\*\* 535 5\.7\.8 /,
    send: ({ mode, port, password, file, sender, recipients }) =>
      run('swaks', [
        ...['--server', HOST, '--port', String(port), '--timeout', '20'],
        ...{ plain: [], starttls: ['--tls'], implicit: ['--tls-on-connect'] }[mode],
        ...(mode === 'plain' ? [] : ['--tls-ca-path', caFile, '--tls-verify']),
        ...['--auth', 'LOGIN', '--auth-user', USER, '--auth-password', password],
        ...['--from', sender, '--to', recipients.join(',')],
        ...['--no-data-fixup', '--data', `@${file}.stuffed`],
      ]),
  },
  {
    name: 'msmtp',
    complaint: /535 5\.7\.8 /,
    send: ({ mode, port, password, file, sender, recipients }) => {
      const tls = { plain: ['off', 'off'], starttls: ['on', 'on'], implicit: ['on', 'off'] }[mode];
      const args = [
        ...[`--host=${HOST}`, `--port=${port}`, '--auth=plain', `--user=${USER}`],
        ...[`--passwordeval=echo ${password}`, `--tls=${tls[0]}`, `--tls-starttls=${tls[1]}`],
        ...(mode === 'plain' ? [] : [`--tls-trust-file=${caFile}`]),
        ...[`--from=${sender}`, '--', ...recipients],
      ];
      return run('sh', ['-c', `exec "$0" "$@" < ${file}`, findProgram('msmtp') ?? 'msmtp', ...args]);
    },
  },
];

function run(program: Program | 'sh', args: readonly string[]): Promise<ProgramEnd> {
  const path = program === 'sh' ? program : (findProgram(program) ?? program);
  return runProgram(path, args, { env: { HOME: folder } });
}

const HEADER = [
  'From: Ada <ada@sender.test>',
  'To: bob@rcpt.test',
  'Subject: A letter',
  'Date: Sat, 21 Nov 2026 10:00:00 +0000',
  'Message-ID: <letter@sender.test>',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=UTF-8',
  'Content-Transfer-Encoding: 8bit',
];

const LETTERS: readonly (readonly [string, readonly string[]])[] = [
  ['a short letter', ['Hello,', '', 'and goodbye.']],
  ['8-bit text', ['Grüße, 你好, ☂', 'naïve façade']],
  ['lines of 998 characters', ['x'.repeat(998), `.${'y'.repeat(997)}`, 'z'.repeat(998)]],
  ['lines that begin with dots', ['.', '..', '.hidden', '...three', 'From here']],
];

describe.each(CLIENTS)('$name', ({ name, send, complaint }) => {
  describe.runIf(needs(`submission by ${name}`, name))('hands in', () => {
    test.each(LETTERS)('%s, in clear, by STARTTLS and by TLS', async (title, lines) => {
      const letter = writeLetter(title, lines);
      for (const mode of ['plain', 'starttls', 'implicit'] as const) {
        const before = sink.messages.length;
        const sender = 'ada@sender.test';
        const end = await send({
          ...{ mode, port: ports[mode], password: key, file: letter.file, sender },
          recipients: ['bob@rcpt.test'],
        });
        expect(end.code, `${end.stdout}\n${end.stderr}`).toBe(0);
        const arrived = await sink.until(() => sink.messages[before]);
        expect(arrived).toMatchObject({ sender, recipients: ['bob@rcpt.test'] });
        const text = arrived.bytes.toString('latin1');
        expect(text).toMatch(
          mode === 'plain' ? /^Received: from .* with ESMTPA;/s : /^Received: from .* with ESMTPSA;/s,
        );
        expect(hash(bodyOf(arrived.bytes))).toBe(hash(bodyOf(letter.bytes)));
        expect(text.endsWith(letter.bytes.toString('latin1'))).toBe(true);
      }
    });

    test('for several recipients', async () => {
      const before = sink.messages.length;
      const letter = writeLetter('several', ['Hello, all.']);
      const recipients = ['bob@rcpt.test', 'carol@rcpt.test', 'dave@other.test'];
      const end = await send({
        ...{ mode: 'starttls', port: ports.starttls, password: key, file: letter.file, recipients },
        sender: 'ada@sender.test',
      });
      expect(end.code, `${end.stdout}\n${end.stderr}`).toBe(0);
      const arrived = await sink.until(() => sink.messages[before]);
      expect(arrived.recipients).toEqual(recipients);
    });

    test('nothing with a wrong password, and says so', async () => {
      const before = sink.messages.length;
      const letter = writeLetter('wrong', ['Hello.']);
      const wrong = `pk_1_${'x'.repeat(27)}`;
      const end = await send({
        ...{ mode: 'plain', port: ports.plain, password: wrong, file: letter.file },
        ...{ sender: 'ada@sender.test', recipients: ['bob@rcpt.test'] },
      });
      expect(end.code).not.toBe(0);
      expect(end.stdout + end.stderr).toMatch(complaint);
      expect(sink.messages).toHaveLength(before);
    });
  });
});

/** A message on disk; beside it one that is ready for the wire, for the program that changes nothing. */
function writeLetter(title: string, lines: readonly string[]): { file: string; bytes: Buffer } {
  const file = join(folder, `${title.replaceAll(' ', '-')}.eml`);
  const bytes = Buffer.from(`${[...HEADER, '', ...lines].join('\r\n')}\r\n`);
  writeFileSync(file, bytes);
  const stuffed = bytes.toString('latin1').replaceAll('\r\n.', '\r\n..');
  writeFileSync(`${file}.stuffed`, Buffer.from(`${stuffed}.`, 'latin1'));
  return { file, bytes };
}

function bodyOf(message: Buffer): Buffer {
  return message.subarray(message.indexOf('\r\n\r\n') + 4);
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, HOST, resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
