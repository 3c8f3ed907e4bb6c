import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startMailer } from '../helpers/gates/smtp-mailer-rig.ts';
import { startSmtpSink } from '../helpers/mail-servers/smtp-sink.ts';
import { WAIT_MS } from '../helpers/programs/patience.ts';

/** Ways to write addresses that only we or our neighbours can reach, and the resolver's answer to names. */
const INTERNAL_FORMS = [
  ...['127.0.0.1', '127.1', '127.0.1', '127.255.255.254', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1'],
  ...[
    '0177.1',
    '017700000001',
    '0x7f.0.0.0x1',
    '0',
    '0.0.0.0',
    'localhost',
    'LOCALHOST',
    'localhost.',
    '127.0.0.1.',
  ],
  ...['::1', '[::1]', '0:0:0:0:0:0:0:1', '::', '::ffff:127.0.0.1', '::ffff:7f00:1', '[::ffff:127.0.0.1]'],
  ...['::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::1'],
  ...['10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '169.254.169.254', '2852039166', '0xa9fea9fe'],
  ...[
    'fd00:ec2::254',
    'fe80::1',
    'fc00::1',
    'ff02::1',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '192.0.2.1',
  ],
] as const;

const REFUSED = {
  message: 'This server or port is not allowed.',
  code: 'TARGET_REFUSED',
};

/** Listens on all of loopback, both families where there are both, and counts who comes. */
async function startDecoy(host = '::') {
  let connections = 0;
  const server = createServer(socket => {
    connections++;
    socket.on('error', () => {}).end('220 decoy ESMTP\r\n');
  });
  await new Promise<void>(resolve => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

/** Switched on in production, with the decoy's port among those that callers may name. */
function openFor(port: number, more: Record<string, unknown> = {}) {
  return {
    'smtpMailer.isEnabled': true,
    'smtpMailer.ports': [String(port)],
    'smtpMailer.maxPerMinute': 1_000,
    ...more,
  };
}

describe('servers that callers may not name', () => {
  test('40 forms of internal hosts: the same words for all, and nobody hears of it', async () => {
    const decoy = await startDecoy();
    const gate = await startMailer({ settings: openFor(decoy.port) });
    for (const server of INTERNAL_FORMS) {
      const { status, body } = await gate.post({ server, port: String(decoy.port) });
      expect([server, status, body]).toEqual([server, 403, REFUSED]);
    }
    expect(new Set(INTERNAL_FORMS).size).toBeGreaterThanOrEqual(40);
    expect(decoy.connections()).toBe(0);
  });

  test.each(['①②⑦.0.0.1', '127。0。0。1', 'user@127.0.0.1', '127.0.0.1/', '127.0.0.1 ::1', '[127.0.0.1]:25'])(
    '%s: not even a host',
    async server => {
      const decoy = await startDecoy();
      const gate = await startMailer({ settings: openFor(decoy.port) });
      const header = Buffer.from(server).toString('latin1');
      const { status } = await gate.post({ server: header, port: String(decoy.port) });
      expect([status, decoy.connections()]).toEqual([400, 0]);
    },
  );

  test('a name that answers otherwise when it is asked again', async () => {
    const decoy = await startDecoy('127.0.0.1');
    const answers = [['127.0.0.9'], ['8.8.8.8', '127.0.0.1'], ['8.8.8.8', '::1']];
    let asked = 0;
    const gate = await startMailer({
      settings: openFor(decoy.port, { 'smtpMailer.hosts': ['127.0.0.9'] }),
      resolve: async () => answers[asked++] ?? ['127.0.0.1'],
      timeouts: { limitMs: WAIT_MS, connectMs: 100 },
    });
    const statuses = [];
    for (let i = 0; i < 4; i++) {
      statuses.push((await gate.post({ server: 'rebinding.test', port: String(decoy.port) })).status);
    }
    // The first may be reached, and is not there: it is never asked for again.
    expect(statuses).toEqual([502, 403, 403, 403]);
    expect([asked, decoy.connections()]).toEqual([4, 0]);
  });

  test('other ports than those of mail, before the name is looked up', async () => {
    let asked = 0;
    const gate = await startMailer({
      settings: { 'smtpMailer.isEnabled': true },
      resolve: async () => {
        asked++;
        return ['192.168.0.1'];
      },
    });
    for (const port of ['22', '80', '8025', '65535']) {
      const { status, body } = await gate.post({ server: 'mail.test', port });
      expect([status, body]).toEqual([403, REFUSED]);
    }
    expect(asked).toBe(0);
    for (const port of ['25', '465', '587', '2525']) await gate.post({ server: 'mail.test', port });
    expect(asked).toBe(4);
  });

  test('an internal host that the operator lists may be named', async () => {
    const sink = await startSmtpSink();
    onTestFinished(() => sink.close());
    const gate = await startMailer({ settings: openFor(sink.port, { 'smtpMailer.hosts': ['127.0.0.0/8'] }) });
    expect((await gate.post({ server: '127.0.0.1', port: String(sink.port) })).status).toBe(200);
  });
});

describe('what time and words tell', () => {
  /**
   * How far two samples are apart by the test of Mann and Whitney, in standard deviations: it does not matter how long
   * anything took, only which was first. Twenty of each that are all before the others give 5.4.
   */
  function rankDifference(one: readonly number[], other: readonly number[]): number {
    const wins = one
      .flatMap(a => other.map(b => (a < b ? 1 : a > b ? 0 : 0.5)))
      .reduce<number>((sum, win) => sum + win, 0);
    const pairs = one.length * other.length;
    return (wins - pairs / 2) / Math.sqrt((pairs * (one.length + other.length + 1)) / 12);
  }

  test('an open and a closed port of an internal host cannot be told apart', async () => {
    const decoy = await startDecoy();
    const closed = await closedPort();
    const ports = [String(decoy.port), String(closed)];
    const gate = await startMailer({ settings: openFor(decoy.port, { 'smtpMailer.ports': ports }) });
    const times: number[][] = [[], []];
    const bodies = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const { ms, body } = await gate.post({ server: '127.0.0.1', port: ports[i % 2] ?? '' });
      times[i % 2]?.push(ms);
      bodies.add(JSON.stringify(body));
    }
    expect([...bodies]).toEqual([JSON.stringify(REFUSED)]);
    expect(Math.abs(rankDifference(times[0] ?? [], times[1] ?? []))).toBeLessThan(4.5);
    expect(decoy.connections()).toBe(0);
  });

  test('where a host may be reached, all that is no SMTP server takes as long and says the same', async () => {
    const decoy = await startSmtpSink({
      answer: ({ stage }) => (stage === 'connect' ? '500 no' : undefined),
    });
    onTestFinished(() => decoy.close());
    const closed = await closedPort();
    const ports = [decoy.port, closed].map(String);
    const gate = await startMailer({
      settings: openFor(0, { 'smtpMailer.ports': ports, 'smtpMailer.hosts': ['127.0.0.1'] }),
      timeouts: { limitMs: WAIT_MS, connectMs: 500 },
    });
    const answers = [
      await gate.post({ server: '127.0.0.1', port: String(decoy.port) }),
      await gate.post({ server: '127.0.0.1', port: String(closed) }),
      await gate.post({ server: 'nobody.invalid', port: String(closed) }),
    ];
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(502);
    // None is told before the time that all of them get, and none waits for the end of an exchange.
    for (const { ms } of answers) expect(ms).toBeGreaterThan(250);
    for (const { ms } of answers) expect(ms).toBeLessThan(WAIT_MS);
    expect(decoy.sessions).toHaveLength(1);
  });
});

describe('development mode', () => {
  test('reaches loopback on any port, and nothing else that is internal', async () => {
    const sink = await startSmtpSink({ users: { 'a@b.c': 'secret' } });
    onTestFinished(() => sink.close());
    const gate = await startMailer();
    const port = String(sink.port);
    expect((await gate.post({ server: 'localhost', port })).status).toBe(200);
    for (const server of ['10.0.0.1', '0.0.0.0', '169.254.169.254', '::127.0.0.1']) {
      expect((await gate.post({ server, port: '25' })).body).toEqual(REFUSED);
    }
  });

  test.each([
    ['a cross-site Origin', { origin: 'https://evil.test' }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['a proxy in front', { 'x-forwarded-for': '8.8.8.8' }],
  ])('but not for a request with %s', async (_, headers) => {
    const decoy = await startDecoy();
    const gate = await startMailer();
    for (const server of ['127.0.0.1', 'localhost', '127.1', '::1']) {
      const { status, body } = await gate.post({ server, port: String(decoy.port), ...headers });
      expect([status, body]).toEqual([403, REFUSED]);
      expect((await gate.post({ server, port: '25', ...headers })).body).toEqual(REFUSED);
    }
    expect(decoy.connections()).toBe(0);
  });

  test('a name that leads to loopback and elsewhere is no loopback', async () => {
    const decoy = await startDecoy();
    const gate = await startMailer({ resolve: async () => ['127.0.0.1', '8.8.8.8'] });
    const { body } = await gate.post({ server: 'mixed.test', port: String(decoy.port) });
    expect([body, decoy.connections()]).toEqual([REFUSED, 0]);
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
