import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GOOD_AUTH, startFront } from '../helpers/mail-servers/smtp-front.ts';
import { WAIT_MS } from '../helpers/programs/patience.ts';

const SESSIONS = 2_000;
const AT_ONCE = 16;
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000);
/** How much CPU time may pass without a turn of the event loop, with the clients in the same process. */
const STALL_MS = 1_000;

const MESSAGE = 'From: a@sender.test\r\nSubject: x\r\n\r\nhello\r\n';
const GOOD_LINES = [
  ...['EHLO client.test', 'HELO client.test', GOOD_AUTH, 'AUTH LOGIN', 'dXNlcg==', 'cmlnaHQ=', '*'],
  ...['MAIL FROM:<a@sender.test>', 'MAIL FROM:<> SIZE=100 BODY=8BITMIME', 'MAIL FROM:<ü@b.test> SMTPUTF8'],
  ...['RCPT TO:<a@rcpt.test>', 'RCPT TO:<ü@rcpt.test>', 'DATA', '.', 'RSET', 'NOOP', 'VRFY a', 'HELP'],
  ...['STARTTLS', 'EXPN a', 'BDAT 10 LAST', 'QUIT', '', 'AUTH PLAIN', 'AUTH CRAM-MD5', '=', 'Subject: x'],
];
const ENDS = ['\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\n.\r\n', '\n.\n', '\r\n.\n', '\0\r\n', ''];

const line = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...GOOD_LINES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.integer({ min: 500, max: 20_000 }).map(length => 'x'.repeat(length)) },
);
const said = fc.tuple(line, fc.constantFrom(...ENDS)).map(([text, end]) => Buffer.from(text + end));
const octets = fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes));
const whole = `EHLO c\r\n${GOOD_AUTH}\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n${MESSAGE}.\r\nQUIT\r\n`;

/** A good session with an octet changed, put in or left out here and there. */
const mutated = fc
  .array(fc.tuple(fc.nat(whole.length), fc.constantFrom('\r', '\n', '\0', '.', '\r\n', ' ', 'ÿ', '')), {
    minLength: 1,
    maxLength: 4,
  })
  .map(changes =>
    changes.reduce((text, [at, change]) => text.slice(0, at) + change + text.slice(at + 1), whole),
  )
  .map(text => [Buffer.from(text, 'latin1')]);

const session = fc.oneof(
  fc.array(said, { maxLength: 25 }),
  fc.array(fc.oneof(said, octets), { maxLength: 10 }),
  mutated,
);

describe(`generated sessions (FUZZ_SEED=${SEED})`, () => {
  test('are answered in replies, end when their client has ended, and leave the server as it was', async () => {
    const { ports, mails, logged } = await startFront({
      maxConnections: 1_000,
      maxConnectionsPerAddress: 1_000,
    });
    const sessions = fc.sample(session, { numRuns: SESSIONS, seed: SEED });
    const queue = sessions.values();
    const codes = new Map<string, number>();
    const stalls = watchStalls();
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (const chunks of queue) {
        const heard = await converse(ports[0] ?? 0, chunks);
        for (const code of codesOf(heard, chunks)) codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    });
    await Promise.all(workers);
    expect(stalls.stop()).toBeLessThan(STALL_MS);
    expect(logged.filter(entry => !entry.startsWith('an SMTP client sent a wrong credential'))).toEqual([]);
    for (const code of ['220', '221', '235', '250', '354', '500', '501', '503', '530', '550'])
      expect(codes.get(code) ?? 0, `${code} of ${JSON.stringify([...codes])}`).toBeGreaterThan(5);
    for (const { mime } of mails) expect(mime.toString('latin1')).not.toMatch(/\r(?!\n)|(?<!\r)\n|\0/);
    expect(await converse(ports[0] ?? 0, [Buffer.from(whole)])).toMatch(/\r\n250 2\.0\.0 Ok: queued as /);
  });
});

/** Says all, then nothing more; gives what was heard until the server closed. */
async function converse(port: number, chunks: readonly Buffer[]): Promise<string> {
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    heard += text;
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const limit = setTimeout(() => reject(new Error(`Never ended: ${JSON.stringify(chunks)}`)), WAIT_MS);
  // A reset is how a server ends that was told more than it wanted to hear.
  socket
    .once('end', resolve)
    .once('close', () => resolve())
    .on('error', () => {});
  for (const chunk of chunks) socket.write(chunk);
  socket.end();
  await promise.finally(() => clearTimeout(limit));
  socket.destroy();
  return heard;
}

/** The codes of the replies, each of which has the form that RFC 5321 4.2 and RFC 2034 give it. */
function codesOf(heard: string, chunks: readonly Buffer[]): string[] {
  return heard.split(/(?<=\r\n)/).map(line => {
    const form = /^(?:220 |221 2\.0\.0 |250[ -]|334 |354 |(?:2|4|5)\d\d (?:2|4|5)\.\d\.\d{1,2} )[ -~]*\r\n$/;
    expect(line, JSON.stringify(Buffer.concat(chunks).toString('latin1'))).toMatch(form);
    const [, first, second] = /^(\d)\d\d (\d)\.\d/.exec(line) ?? [];
    expect(second ?? first).toBe(first);
    return line.slice(0, 3);
  });
}

/** The most CPU time that passed between two turns of the event loop, in ms. */
function watchStalls() {
  let longest = 0;
  let last = cpuMs();
  const timer = setInterval(() => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  return {
    stop(): number {
      clearInterval(timer);
      return longest;
    },
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
