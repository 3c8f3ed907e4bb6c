import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type SinkFault,
  type SinkOptions,
  type SinkStep,
  type SmtpSink,
  startSmtpSink,
} from '../../../test/helpers/mail-servers/smtp-sink.ts';
import { createTestCa } from '../../../test/helpers/mail-servers/test-ca.ts';
import {
  describeAfterDot,
  describeFarEnd,
  describeTransport,
  type FarEndHarness,
  freely,
  type MuteHarness,
  parcel,
} from '../../../test/suites/transport.ts';
import type { Address } from '../../core/address.ts';
import { toSevenBit } from '../../mime/eight-bit.ts';
import { createSmtpTransport, type SmtpTransportOptions } from './smtp.ts';

const ca = createTestCa();
const certificate = ca.issue(['localhost', '127.0.0.1']);

function optionsFor(sink: SmtpSink, options: Partial<SmtpTransportOptions> = {}): SmtpTransportOptions {
  return {
    host: sink.host,
    port: sink.port,
    encryption: 'none',
    username: '',
    password: '',
    maxConnections: 3,
    hostName: 'gate.example.com',
    caPem: ca.cert,
    ...options,
  };
}

function harness(sinkOptions: SinkOptions, options: Partial<SmtpTransportOptions> = {}) {
  return async (): Promise<FarEndHarness & MuteHarness> => {
    const sink = await startSmtpSink(sinkOptions);
    const transport = createSmtpTransport(optionsFor(sink, options));
    return {
      transport,
      arrivals: async () => sink.messages.map(({ bytes, ...envelope }) => ({ ...envelope, mime: bytes })),
      leave: () => sink.close(),
      taken: () => sink.until(() => sink.messages.length > 0).then(() => {}),
      async close() {
        await transport.close();
        await sink.close();
      },
    };
  };
}

const offers = ['SIZE', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];
const auth = { username: 'user', password: 'secret' };
const users = { user: 'secret' };
const starttls = { mode: 'starttls', certificate } as const;
const implicit = { mode: 'implicit', certificate } as const;

describeTransport('smtp', harness({}));
describeTransport('smtp, serial', harness({ capabilities: offers }));
describeTransport('smtp, over one connection', harness({}, { maxConnections: 1 }));
describeTransport('smtp, implicit TLS', harness({ tls: implicit }, { encryption: 'ssl' }));
describeTransport(
  'smtp, STARTTLS and AUTH',
  harness({ tls: starttls, users }, { encryption: 'tls', ...auth }),
);
describeFarEnd('smtp', harness({}));
describeFarEnd('smtp, STARTTLS and AUTH', harness({ tls: starttls, users }, { encryption: 'tls', ...auth }));

const atDot =
  (fault: SinkFault['fault']) =>
  ({ stage }: SinkStep) =>
    stage === 'dot' ? { fault } : undefined;
for (const [name, offered] of Object.entries({ pipelined: {}, serial: { capabilities: offers } })) {
  describeAfterDot(`smtp, ${name}`, {
    lost: harness({ ...offered, answer: atDot('reset') }),
    silent: harness({ ...offered, answer: atDot('silence') }),
  });
}

describe('the smtp transport', () => {
  const use = async (sinkOptions: SinkOptions, options: Partial<SmtpTransportOptions> = {}) => {
    const sink = await startSmtpSink(sinkOptions);
    const transport = createSmtpTransport(optionsFor(sink, options));
    onTestFinished(async () => {
      await transport.close();
      await sink.close();
    });
    return { sink, transport };
  };
  const latin1 = Buffer.from(
    'Subject: s\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xe4\r\n',
    'latin1',
  );

  it('sends 8-bit messages unchanged when the server offers 8BITMIME', async () => {
    const { sink, transport } = await use({});
    const transmission = await transport.send(parcel({ mime: latin1 }), freely());
    expect(transmission.converted).toBeUndefined();
    expect(sink.messages[0]).toMatchObject({
      bytes: latin1,
      parameters: [`SIZE=${latin1.length}`, 'BODY=8BITMIME'],
    });
  });

  it('converts 8-bit messages when the server lacks 8BITMIME, and reports it', async () => {
    const { sink, transport } = await use({ capabilities: ['PIPELINING'] });
    const transmission = await transport.send(parcel({ mime: latin1 }), freely());
    expect(transmission).toMatchObject({ phase: 'done', converted: true });
    expect(sink.messages[0]?.bytes.some(octet => octet > 127)).toBe(false);
    expect(sink.messages[0]?.bytes).toEqual(toSevenBit(latin1));
  });

  it('refuses an 8-bit message that must not be converted (5.6.3)', async () => {
    const { sink, transport } = await use({ capabilities: ['PIPELINING'] });
    const signed = Buffer.concat([
      Buffer.from('Content-Type: multipart/signed; boundary=b; protocol="x/y"\r\n\r\n--b\r\n'),
      latin1,
      Buffer.from('\r\n--b\r\nContent-Type: x/y\r\n\r\nsignature\r\n--b--\r\n'),
    ]);
    const transmission = await transport.send(parcel({ mime: signed }), freely());
    expect(transmission).toMatchObject({ phase: 'mail', refusal: expect.stringMatching(/^5\.6\.3 /) });
    expect(sink.sessions[0]?.commands).toEqual(['EHLO gate.example.com']);
  });

  it('uses SMTPUTF8 when a message needs it, and sends addresses as UTF-8', async () => {
    const { sink, transport } = await use({});
    const utf8 = {
      ...parcel({ recipients: ['jürgen@example.net' as Address], mime: Buffer.from('Subject: ü\r\n\r\n') }),
      smtputf8: true,
    };
    expect(await transport.send(utf8, freely())).toMatchObject({ phase: 'done' });
    expect(sink.messages[0]).toMatchObject({
      recipients: ['jürgen@example.net'],
      parameters: expect.arrayContaining(['SMTPUTF8', 'BODY=8BITMIME']),
    });
  });

  it('reports each session that it opens', async () => {
    const offered: (readonly string[])[] = [];
    const { transport } = await use(
      { capabilities: ['PIPELINING'] },
      { onSession: ({ capabilities }) => offered.push(capabilities.lines) },
    );
    await transport.send(parcel({}), freely());
    expect(offered).toEqual([['PIPELINING']]);
  });

  it('authenticates with an access token when it has one', async () => {
    const { sink, transport } = await use(
      { tls: starttls, users: { user: 'token' } },
      { encryption: 'tls', username: 'user', accessToken: 'token' },
    );
    expect(await transport.send(parcel({}), freely())).toMatchObject({ phase: 'done' });
    expect(sink.sessions[0]).toMatchObject({ user: 'user', isSecure: true });
  });

  it('reports each stage of a check, sends no message and ends with QUIT', async () => {
    const { sink, transport } = await use({ tls: starttls, users }, { encryption: 'tls', ...auth });
    const report = await transport.check(freely().signal);
    expect(report.stages.map(({ stage, ok }) => `${stage} ${ok}`)).toEqual([
      ...['dns true', 'connect true', 'greeting true', 'tls true', 'ehlo true', 'auth true', 'noop true'],
    ]);
    expect(report.stages.every(({ ms }) => Number.isInteger(ms) && ms >= 0)).toBe(true);
    const verbs = sink.sessions[0]?.commands.map(command => command.split(' ')[0]);
    expect(verbs).toEqual(['EHLO', 'STARTTLS', 'EHLO', 'AUTH', 'NOOP', 'QUIT']);
  });

  it.each<[string, SinkOptions, Partial<SmtpTransportOptions>, string, string]>([
    ['greeting', {}, {}, 'connect', '554 5.7.1 go away'],
    ['ehlo', {}, {}, 'ehlo', '451 busy'],
    ['auth', { tls: starttls, users }, { encryption: 'tls', ...auth }, 'auth', '535 5.7.8 no'],
    ['noop', {}, {}, 'noop', '502 5.5.1 what?'],
  ])('names the stage that failed in a check: %s', async (failing, sinkOptions, options, stage, reply) => {
    const answer = (step: SinkStep) => (step.stage === stage ? reply : undefined);
    const { transport } = await use({ ...sinkOptions, answer }, options);
    const report = await transport.check(freely().signal);
    expect(report.ok).toBe(false);
    expect(report.stages.at(-1)).toMatchObject({ stage: failing, ok: false, detail: reply });
    expect(report.stages.slice(0, -1).every(({ ok }) => ok)).toBe(true);
  });

  it('never shows the password in the report of a check', async () => {
    const { transport } = await use(
      { tls: starttls, users },
      { encryption: 'tls', username: 'user', password: 'hunter2' },
    );
    const report = await transport.check(freely().signal);
    expect(report.ok).toBe(false);
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });

  it.each(['ehlo', 'noop'] as const)('ends a check when its signal aborts, at %s', async stage => {
    const stop = new AbortController();
    const answer = (step: SinkStep) => {
      if (step.stage !== stage) return undefined;
      stop.abort();
      return { fault: 'silence' } as const;
    };
    const { transport } = await use({ answer });
    const report = await transport.check(stop.signal);
    expect(report.stages.at(-1)).toMatchObject({ stage, ok: false });
  });
});
