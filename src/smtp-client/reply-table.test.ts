import { describe, expect, it } from 'vitest';
import { SERIAL_OFFERS, smtpFixtures } from '../../test/helpers/mail-servers/smtp-client.ts';
import type { SinkAnswer, SinkStage, SinkStep } from '../../test/helpers/mail-servers/smtp-sink.ts';
import { freely, parcel } from '../../test/suites/transport.ts';
import type { Address } from '../core/address.ts';
import type { Reply, Transmission } from '../core/outcome.ts';

const recipients = ['one', 'two', 'three'].map(name => `${name}@example.net` as Address);

/** The replies to the first message. Later messages are accepted. */
type Script = (step: SinkStep) => SinkAnswer | undefined;
const to =
  (stage: SinkStage, answer: SinkAnswer): Script =>
  step =>
    step.stage === stage ? answer : undefined;
const toRcpt =
  (...answers: readonly (SinkAnswer | undefined)[]): Script =>
  ({ stage, recipient }) =>
    stage === 'rcpt' ? answers[recipient - 1] : undefined;
const all =
  (...scripts: readonly Script[]): Script =>
  step =>
    scripts.map(script => script(step)).find(answer => answer !== undefined);

const OK = { code: 250, enhanced: '2.1.5', text: 'ok' };
const refusal = (code: number): Reply => ({ code, text: 'no' });

interface Row {
  readonly name: string;
  readonly script: Script;
  readonly result: Partial<Transmission> | { readonly error: unknown };
  /** Recipients of the received message; absent: no message was received. */
  readonly received?: readonly string[];
  /** The argument of `beforeDot`; absent: it was not called. */
  readonly refused?: readonly (Reply | undefined)[];
  /** The client sends RSET before the next transaction. */
  readonly resets?: boolean;
  /** The client closes the connection. */
  readonly closes?: boolean;
}

const ROWS: readonly Row[] = [
  {
    name: 'everything is accepted',
    script: () => undefined,
    result: {
      phase: 'done',
      reply: { code: 250, enhanced: '2.0.0', text: 'taken' },
      recipients: [OK, OK, OK],
    },
    received: recipients,
    refused: [],
  },
  {
    name: 'MAIL is refused temporarily',
    script: to('mail', '451 no'),
    result: { phase: 'mail', reply: refusal(451), recipients: [] },
  },
  {
    name: 'MAIL is refused permanently',
    script: to('mail', '550 no'),
    result: { phase: 'mail', reply: refusal(550), recipients: [] },
  },
  {
    name: 'one recipient is refused',
    script: toRcpt(undefined, '550 no'),
    result: { phase: 'done', recipients: [OK, refusal(550), OK] },
    received: ['one@example.net', 'three@example.net'],
    refused: [undefined, refusal(550), undefined],
  },
  {
    name: 'recipients are refused in different ways',
    script: toRcpt('450 no', undefined, '550 no'),
    result: { phase: 'done', recipients: [refusal(450), OK, refusal(550)] },
    received: ['two@example.net'],
    refused: [refusal(450), undefined, refusal(550)],
  },
  {
    name: 'a recipient is forwarded (251)',
    script: toRcpt('251 no'),
    result: { phase: 'done', recipients: [refusal(251), OK, OK] },
    received: recipients,
    refused: [],
  },
  {
    name: 'there are too many recipients',
    script: toRcpt(undefined, '452 4.5.3 no', '452 4.5.3 no'),
    result: {
      phase: 'done',
      recipients: [OK, { ...refusal(452), enhanced: '4.5.3' }, { ...refusal(452), enhanced: '4.5.3' }],
    },
    received: ['one@example.net'],
    refused: [undefined, { ...refusal(452), enhanced: '4.5.3' }, { ...refusal(452), enhanced: '4.5.3' }],
  },
  {
    name: 'all recipients and DATA are refused',
    script: toRcpt('550 no', '450 no', '551 no'),
    result: { phase: 'rcpt', reply: refusal(551), recipients: [refusal(550), refusal(450), refusal(551)] },
    resets: true,
  },
  {
    name: 'DATA is refused temporarily',
    script: to('data', '451 no'),
    result: { phase: 'data', reply: refusal(451), recipients: [OK, OK, OK] },
    resets: true,
  },
  {
    name: 'DATA is refused permanently',
    script: to('data', '554 no'),
    result: { phase: 'data', reply: refusal(554), recipients: [OK, OK, OK] },
    resets: true,
  },
  {
    name: 'the dot is refused temporarily',
    script: to('dot', '450 no'),
    result: { phase: 'done', reply: refusal(450), recipients: [OK, OK, OK] },
    received: recipients,
    refused: [],
  },
  {
    name: 'the dot is refused permanently',
    script: to('dot', '550 no'),
    result: { phase: 'done', reply: refusal(550), recipients: [OK, OK, OK] },
    received: recipients,
    refused: [],
  },
  {
    name: 'the server closes (421) at MAIL',
    script: to('mail', { fault: 'close', reply: '421 no' }),
    result: { phase: 'mail', reply: refusal(421), recipients: [] },
    closes: true,
  },
  {
    name: 'the server closes (421) at the second RCPT',
    script: toRcpt(undefined, { fault: 'close', reply: '421 no' }),
    result: { phase: 'rcpt', reply: refusal(421), recipients: [OK] },
    closes: true,
  },
  {
    name: 'the server closes (421) at DATA',
    script: to('data', { fault: 'close', reply: '421 no' }),
    result: { phase: 'data', reply: refusal(421), recipients: [OK, OK, OK] },
    closes: true,
  },
  {
    name: 'the server closes (421) at the dot',
    script: to('dot', { fault: 'close', reply: '421 no' }),
    result: { phase: 'done', reply: refusal(421), recipients: [OK, OK, OK] },
    received: recipients,
    refused: [],
    closes: true,
  },
  {
    name: 'MAIL gets 354',
    script: to('mail', '354 no'),
    result: { phase: 'mail', error: expect.stringContaining('354') },
    closes: true,
  },
  {
    name: 'RCPT gets 334',
    script: toRcpt('334 no'),
    result: { phase: 'rcpt', error: expect.stringContaining('334') },
    closes: true,
  },
  {
    name: 'DATA gets 250',
    script: to('data', '250 no'),
    result: { phase: 'data', error: expect.stringContaining('250') },
    closes: true,
  },
  {
    name: 'the dot gets 354',
    script: to('dot', '354 no'),
    result: { phase: 'dot', error: expect.stringContaining('354') },
    received: recipients,
    refused: [],
    closes: true,
  },
  {
    name: 'the server refuses the message before its end',
    script: to('data', '354 no\n552 no'),
    result: { phase: 'body', reply: refusal(552), recipients: [OK, OK, OK] },
    closes: true,
  },
  {
    name: 'the server accepts the message before its end',
    script: to('data', '354 no\n250 no'),
    result: { phase: 'body', error: expect.stringContaining('250') },
    closes: true,
  },
  {
    name: 'the server sends data when the message is due',
    script: to('data', '354 no\n250-and'),
    result: { phase: 'body', error: expect.stringContaining('sent data during the message') },
    closes: true,
  },
];

describe.each([
  ['pipelined', undefined],
  ['serial', SERIAL_OFFERS],
])('the result of a message (%s) when', (_, capabilities) => {
  const { sink: startSink, pool: makePool } = smtpFixtures();

  it.each(ROWS)('$name', async ({ script, result, received, refused, resets = false, closes = false }) => {
    const sink = await startSink({
      ...(capabilities && { capabilities }),
      answer: step => (step.session === 1 && step.message === 1 ? script(step) : undefined),
    });
    const pool = makePool(sink);
    const calls: unknown[] = [];
    const beforeDot = (refusedRecipients: unknown): void => {
      calls.push(refusedRecipients);
    };

    const transmission = await pool.send(parcel({ recipients }), { ...freely(), beforeDot });
    expect(transmission).toMatchObject(result);
    expect(transmission.remote).toBe(`127.0.0.1 [127.0.0.1]:${sink.port}`);
    expect(calls).toEqual(refused === undefined ? [] : [refused]);
    expect(sink.messages.map(message => message.recipients)).toEqual(received ? [received] : []);

    expect(await pool.send(parcel({ recipients }), freely())).toMatchObject({ phase: 'done' });
    expect(sink.messages.at(-1)?.recipients).toEqual(recipients);
    expect(sink.sessions).toHaveLength(closes ? 2 : 1);
    expect(sink.sessions[0]?.commands.includes('RSET')).toBe(resets);
  });
});

describe('a pipelining server that answers 354 without any recipient', () => {
  const { sink: startSink, pool: makePool } = smtpFixtures();
  const noRecipient = toRcpt('550 no', '550 no', '550 no');

  it('gets a lone dot, whatever it answers', async () => {
    const script = all(noRecipient, to('data', '354 go on'), to('dot', '250 taken'));
    const sink = await startSink({ answer: step => (step.message === 1 ? script(step) : undefined) });
    const pool = makePool(sink);
    const first = pool.send(parcel({ recipients }), freely());
    const second = pool.send(parcel({}), freely());
    expect(await first).toMatchObject({ phase: 'rcpt', reply: refusal(550) });
    expect(await second).toMatchObject({ phase: 'done' });
    expect(sink.messages).toMatchObject([
      { bytes: Buffer.alloc(0), recipients: [] },
      { recipients: ['b@example.net'] },
    ]);
    expect(sink.sessions).toHaveLength(1);
  });

  it('gets no dot when it accepted recipients after it refused MAIL', async () => {
    const script = all(to('mail', '550 no'), to('rcpt', '250 ok'), to('data', '354 go on'));
    const sink = await startSink({ answer: step => (step.session === 1 ? script(step) : undefined) });
    const pool = makePool(sink);
    expect(await pool.send(parcel({ recipients }), freely())).toMatchObject({
      phase: 'mail',
      reply: refusal(550),
    });
    expect(await pool.send(parcel({}), freely())).toMatchObject({ phase: 'done' });
    expect(sink.messages).toHaveLength(1);
    expect(sink.sessions).toHaveLength(2);
  });
});

describe('a client without pipelining', () => {
  const { sink: startSink, pool: makePool } = smtpFixtures();

  it('sends no more RCPT after "too many recipients"', async () => {
    const sink = await startSink({
      capabilities: SERIAL_OFFERS,
      answer: toRcpt(undefined, '452 4.5.3 too many'),
    });
    const tooMany = { code: 452, enhanced: '4.5.3', text: 'too many' };
    expect(await makePool(sink).send(parcel({ recipients }), freely())).toMatchObject({
      phase: 'done',
      recipients: [OK, tooMany, tooMany],
    });
    expect(sink.sessions[0]?.commands.filter(command => command.startsWith('RCPT'))).toHaveLength(2);
  });

  it('sends the other RCPT when only a mailbox is full', async () => {
    const sink = await startSink({
      capabilities: SERIAL_OFFERS,
      answer: toRcpt(undefined, '452 4.2.2 full'),
    });
    expect(await makePool(sink).send(parcel({ recipients }), freely())).toMatchObject({
      phase: 'done',
      recipients: [OK, { code: 452 }, OK],
    });
  });
});
