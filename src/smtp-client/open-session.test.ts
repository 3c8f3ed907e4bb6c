import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { SERIAL_OFFERS, serverOf, smtpFixtures } from '../../test/helpers/mail-servers/smtp-client.ts';
import type { SinkOptions, SinkStep } from '../../test/helpers/mail-servers/smtp-sink.ts';
import { createTestCa } from '../../test/helpers/mail-servers/test-ca.ts';
import { scaled } from '../../test/helpers/programs/patience.ts';
import { freely } from '../../test/suites/transport.ts';
import { createDialer } from '../net/dial.ts';
import { type Opened, openSession } from './open-session.ts';
import { type SmtpEndpoint, STAGE_TIMEOUTS, type StageTimeouts } from './smtp-endpoint.ts';
import { createTlsContext } from './tls-context.ts';

const fixtures = smtpFixtures();
const DAY_MS = 86_400_000;

const ca = createTestCa();
const certificate = ca.issue(['localhost', '127.0.0.1']);
const account = { users: { user: 'secret' } };
const credentials = { username: 'user', password: 'secret' };

interface Opening {
  readonly opened: Opened;
  /** Command lines as the server read them. */
  readonly commands: readonly string[];
  readonly stages: readonly (readonly [string, string])[];
}

async function open(
  sinkOptions: SinkOptions,
  server: Partial<SmtpEndpoint> = {},
  timeouts: Partial<StageTimeouts> = {},
): Promise<Opening> {
  const sink = await fixtures.sink(sinkOptions);
  const target = serverOf(sink, { caPem: ca.cert, ...server });
  const stages: [string, string][] = [];
  const opened = await openSession({
    server: target,
    timeouts: { ...STAGE_TIMEOUTS, ...timeouts },
    dial: createDialer(),
    tlsContext: () => createTlsContext(target),
    signal: freely().signal,
    onStage: (stage, found) => stages.push([stage, found]),
  });
  if (opened.ok) opened.session.socket.close();
  const commands = sink.sessions.flatMap(session => session.commands);
  return { opened, commands, stages };
}

const failed = (facts: object) => ({ ok: false, failure: facts });

describe('openSession', () => {
  it('reports the result of each stage', async () => {
    const { opened, stages } = await open(
      { ...account, tls: { mode: 'starttls', certificate } },
      { encryption: 'tls', credentials },
    );
    expect(opened).toMatchObject({ ok: true, session: { capabilities: { pipelining: true } } });
    expect(stages.map(([stage]) => stage)).toEqual(['dns', 'connect', 'greeting', 'tls', 'ehlo', 'auth']);
    expect(Object.fromEntries(stages)).toMatchObject({
      dns: '127.0.0.1',
      connect: expect.stringMatching(/^127\.0\.0\.1 \[127\.0\.0\.1\]:\d+$/),
      greeting: '220 sink.test ESMTP',
      tls: expect.stringMatching(/^TLSv1\.3, certificate of localhost, valid until .* GMT$/),
      ehlo: expect.stringContaining('PIPELINING, SIZE 52428800'),
      auth: 'PLAIN accepted',
    });
    expect(JSON.stringify(stages)).not.toContain('secret');
  });

  it('sends its name, and HELO to a server that does not know EHLO', async () => {
    const answer = ({ line }: SinkStep) => (line.startsWith('EHLO') ? '502 5.5.1 what?' : undefined);
    const { opened, commands } = await open({ answer });
    expect(commands).toEqual(['EHLO gate.example.com', 'HELO gate.example.com']);
    expect(opened).toMatchObject({ ok: true, session: { capabilities: { pipelining: false, lines: [] } } });
  });

  it('fails when HELO is refused too', async () => {
    const { opened } = await open({ answer: ({ stage }) => (stage === 'ehlo' ? '550 no' : undefined) });
    expect(opened).toMatchObject(failed({ phase: 'ehlo', reply: { code: 550 } }));
  });

  it('stops when its signal aborts', async () => {
    const stop = new AbortController();
    const sink = await fixtures.sink({
      answer: ({ stage }) => {
        if (stage !== 'ehlo') return undefined;
        stop.abort();
        return { fault: 'silence' };
      },
    });
    const opened = await openSession({
      server: serverOf(sink),
      timeouts: STAGE_TIMEOUTS,
      dial: createDialer(),
      tlsContext: () => createTlsContext({}),
      signal: stop.signal,
    });
    expect(opened).toMatchObject(failed({ phase: 'ehlo', error: 'stopped while opening the connection' }));
  });

  it('rejects two replies to one command', async () => {
    const answer = ({ stage }: SinkStep) => (stage === 'connect' ? '220 hello\n250 early' : undefined);
    const { opened } = await open({ answer });
    expect(opened).toMatchObject(
      failed({ phase: 'ehlo', error: 'protocol error: unexpected reply 250 early' }),
    );
  });
});

describe('data after the last reply', () => {
  it.each(['421 4.3.2 bye', '250 more', 'rubbish'])('fails the opening: %s', async data => {
    const answer = ({ stage }: SinkStep) =>
      stage === 'ehlo' ? `250-sink\n250 PIPELINING\n${data}` : undefined;
    const { opened } = await open({ answer });
    expect(opened).toMatchObject(failed({ phase: 'ehlo', error: expect.stringContaining('protocol error') }));
  });
});

describe('TLS', () => {
  const starttls = { tls: { mode: 'starttls', certificate } } as const;
  const implicit = { tls: { mode: 'implicit', certificate } } as const;

  it.each([
    ['STARTTLS', starttls, 'tls'],
    ['STARTTLS if it is offered', starttls, 'opportunistic'],
    ['TLS from the start', implicit, 'ssl'],
  ] as const)('works with %s', async (_, sinkOptions, encryption) => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const { opened, stages } = await open(sinkOptions, { encryption, host });
      expect(opened.ok, host).toBe(true);
      expect(stages.map(([stage]) => stage)).toContain('tls');
    }
  });

  it('discards the capabilities from before the handshake', async () => {
    const answer = ({ line }: SinkStep) =>
      line.startsWith('EHLO before') ? '250-sink\n250-PIPELINING\n250 STARTTLS' : undefined;
    const { opened, commands } = await open(
      { ...starttls, capabilities: SERIAL_OFFERS, answer },
      { encryption: 'tls', clientName: 'before' },
    );
    expect(commands).toEqual(['EHLO before', 'STARTTLS', 'EHLO before']);
    expect(opened).toMatchObject({ ok: true });
  });

  it.each(['tls', 'ssl'] as const)('is never skipped when it is required: %s', async encryption => {
    const { opened, commands } = await open({}, { encryption, credentials }, { tlsMs: scaled(200) });
    expect(opened).toMatchObject(failed({ phase: 'tls', error: expect.any(String) }));
    expect(commands.join()).not.toContain('AUTH');
    expect(commands.join()).not.toContain('MAIL');
  });

  it('is skipped when it is not offered and not required', async () => {
    expect((await open({}, { encryption: 'opportunistic' })).opened.ok).toBe(true);
  });

  it.each(['tls', 'opportunistic'] as const)(
    'is not replaced by plain text when the server offers and then refuses it: %s',
    async encryption => {
      const answer = ({ stage }: SinkStep) => (stage === 'starttls' ? '454 4.7.0 not now' : undefined);
      const { opened } = await open({ ...starttls, answer }, { encryption });
      expect(opened).toMatchObject(failed({ phase: 'tls', reply: { code: 454 } }));
    },
  );

  const now = Date.now();
  it.each([
    ['another name', ca.issue(['mx.example.com']), "does not match certificate's altnames"],
    [
      'a validity in the past',
      ca.issue(['127.0.0.1'], { from: new Date(now - 2 * DAY_MS), to: new Date(now - DAY_MS) }),
      'certificate has expired',
    ],
    [
      'a validity in the future',
      ca.issue(['127.0.0.1'], { from: new Date(now + DAY_MS), to: new Date(now + 2 * DAY_MS) }),
      'certificate is not yet valid',
    ],
    [
      'another authority',
      createTestCa('Other CA').issue(['127.0.0.1']),
      'unable to verify the first certificate',
    ],
  ])('refuses a certificate with %s', async (_, other, text) => {
    for (const [mode, encryption] of [
      ['starttls', 'tls'],
      ['starttls', 'opportunistic'],
      ['implicit', 'ssl'],
    ] as const) {
      const { opened } = await open({ tls: { mode, certificate: other } }, { encryption, credentials });
      expect(opened).toMatchObject(failed({ phase: 'tls', error: expect.stringContaining(text) }));
    }
  });

  it('refuses versions before TLS 1.2', async () => {
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const server = createTlsServer({ ...certificate, ...old }, socket => socket.end('220 old\r\n'));
    server.on('tlsClientError', () => {});
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const target = { ...(await fixtures.sink()), port: (server.address() as AddressInfo).port };
    const opened = await openSession({
      server: serverOf(target, { encryption: 'ssl', caPem: ca.cert }),
      timeouts: STAGE_TIMEOUTS,
      dial: createDialer(),
      tlsContext: () => createTlsContext({ caPem: ca.cert }),
      signal: freely().signal,
    });
    server.close();
    expect(opened).toMatchObject(
      failed({ phase: 'tls', error: expect.stringMatching(/^TLS failed: [a-z0-9 ]*version$/) }),
    );
  });

  it.each([
    ['220 go\n250 injected', 'protocol error: unexpected reply 250 injected'],
    ['220 go\n250-injected', 'TLS failed: data arrived before the TLS handshake'],
  ])('does not start when the server has sent unexpected data: %j', async (reply, error) => {
    const answer = ({ stage }: SinkStep) => (stage === 'starttls' ? reply : undefined);
    const { opened } = await open({ ...starttls, answer }, { encryption: 'tls' });
    expect(opened).toMatchObject(failed({ phase: 'tls', error }));
  });

  it.each(['close', 'reset', 'garbage', 'silence', 'drip'] as const)(
    'that ends with %s fails the opening',
    async fault => {
      const answer = ({ stage }: SinkStep) =>
        stage === 'starttls' ? ({ fault, reply: '220 go' } as const) : undefined;
      const { opened } = await open({ ...starttls, answer }, { encryption: 'tls' }, { tlsMs: scaled(200) });
      expect(opened).toMatchObject(failed({ phase: 'tls', error: expect.stringMatching(/\w/) }));
    },
  );
});

describe('AUTH', () => {
  const clear = { credentials, allowsAuthInClear: true };

  it.each(['PLAIN', 'LOGIN'])('works with %s', async mechanism => {
    const { opened, stages } = await open({ ...account, mechanisms: ['CRAM-MD5', mechanism] }, clear);
    expect(opened.ok).toBe(true);
    expect(stages.at(-1)).toEqual(['auth', `${mechanism} accepted`]);
  });

  it.each(['ya29.token', 'x'.repeat(2_000)])('works with XOAUTH2 and a short or long token', async token => {
    const { opened } = await open(
      { users: { user: token } },
      { ...clear, credentials: { username: 'user', accessToken: token } },
    );
    expect(opened.ok).toBe(true);
  });

  it.each(['PLAIN', 'LOGIN'])('with a wrong password reports the refusal: %s', async mechanism => {
    const wrong = { username: 'user', password: 'hunter2' };
    const { opened } = await open({ ...account, mechanisms: [mechanism] }, { ...clear, credentials: wrong });
    expect(opened).toMatchObject(failed({ phase: 'auth', reply: { code: 535, enhanced: '5.7.8' } }));
    expect(JSON.stringify(opened)).not.toContain('hunter2');
  });

  it('reads the refusal of a token after its 334 reply', async () => {
    let asked = 0;
    const answer = ({ stage }: SinkStep) => {
      if (stage !== 'auth') return undefined;
      asked++;
      return '334 eyJzdGF0dXMiOiI0MDEifQ==';
    };
    const { opened, commands } = await open(
      { users: { user: 'token' }, answer: step => answer(step) },
      { ...clear, credentials: { username: 'user', accessToken: 'old' } },
    );
    expect(asked).toBe(1);
    expect(commands.at(-1)).toBe('');
    expect(opened).toMatchObject(failed({ phase: 'auth', reply: { code: 500 } }));
  });

  it('does not send credentials in plain text unless that is allowed', async () => {
    for (const encryption of ['none', 'opportunistic'] as const) {
      const { opened, commands } = await open(account, { encryption, credentials });
      expect(opened).toMatchObject(failed({ phase: 'auth', error: expect.stringContaining('unencrypted') }));
      expect(commands.join()).not.toContain('AUTH');
    }
  });

  it('names the offered mechanisms when none is supported', async () => {
    const { opened } = await open({ ...account, mechanisms: ['CRAM-MD5', 'GSSAPI'] }, clear);
    expect(opened).toMatchObject(
      failed({ phase: 'auth', error: expect.stringContaining('CRAM-MD5, GSSAPI') }),
    );
  });

  it('fails when there are credentials and the server offers no AUTH', async () => {
    const { opened } = await open({}, clear);
    expect(opened).toMatchObject(failed({ phase: 'auth', error: expect.stringContaining('none') }));
  });

  it('is skipped without credentials', async () => {
    const { opened, commands } = await open(account);
    expect(opened.ok).toBe(true);
    expect(commands).toEqual(['EHLO gate.example.com']);
  });
});
