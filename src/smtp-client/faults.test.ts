import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { poolTo, SERIAL_OFFERS, smtpFixtures } from '../../test/helpers/mail-servers/smtp-client.ts';
import type { SinkAnswer, SinkFault, SinkStage } from '../../test/helpers/mail-servers/smtp-sink.ts';
import { scaled } from '../../test/helpers/programs/patience.ts';
import { freely, parcel } from '../../test/suites/transport.ts';
import type { Phase } from '../core/outcome.ts';
import { STAGE_TIMEOUTS } from './smtp-endpoint.ts';

const LOUD: readonly SinkFault['fault'][] = ['close', 'reset', 'garbage'];
const QUIET: readonly SinkFault['fault'][] = ['silence', 'drip'];

/** Short enough to wait for, and long enough for a server that answers. */
const SHORT_MS = scaled(150);
const SHORT_TIMEOUTS = {
  ...STAGE_TIMEOUTS,
  greetingMs: SHORT_MS,
  commandMs: SHORT_MS,
  dataMs: SHORT_MS,
  dotMs: SHORT_MS,
  blockMs: SHORT_MS,
};

const STAGES: readonly { readonly stage: SinkStage; readonly phase: Phase }[] = [
  { stage: 'connect', phase: 'greeting' },
  { stage: 'ehlo', phase: 'ehlo' },
  { stage: 'auth', phase: 'auth' },
  { stage: 'mail', phase: 'mail' },
  { stage: 'rcpt', phase: 'rcpt' },
  { stage: 'data', phase: 'data' },
  { stage: 'dot', phase: 'dot' },
];

const account = { users: { user: 'secret' } };
const credentials = { credentials: { username: 'user', password: 'secret' }, allowsAuthInClear: true };

/** Gives the same fault each time the stage is reached. */
function at(stage: SinkStage, answer: SinkAnswer) {
  return (step: { stage: SinkStage }) => (step.stage === stage ? answer : undefined);
}

/** The tests wait until silence is detected, so they use one mode only. */
describe.each([
  { mode: 'pipelined', offers: {}, faults: [...LOUD, ...QUIET] },
  { mode: 'serial', offers: { capabilities: SERIAL_OFFERS }, faults: LOUD },
])('a server ($mode) that fails', ({ offers, faults }) => {
  const fixtures = smtpFixtures();
  const cases = STAGES.flatMap(({ stage, phase }) => faults.map(fault => ({ fault, stage, phase })));

  it.each(cases)('with $fault at $stage is reported in phase $phase', async ({ fault, stage, phase }) => {
    const sink = await fixtures.sink({ ...account, ...offers, answer: at(stage, { fault }) });
    // Only the silent faults end with a timeout.
    const timeouts = LOUD.includes(fault) ? STAGE_TIMEOUTS : SHORT_TIMEOUTS;
    const pool = fixtures.pool(sink, { server: credentials, timeouts });
    const transmission = await pool.send(parcel({}), freely());
    // If the server resets at once, the client may see a failed connect.
    const phases = stage === 'connect' && fault === 'reset' ? ['connect', phase] : [phase];
    expect(phases).toContain(transmission.phase);
    expect(transmission).toMatchObject({ error: expect.stringMatching(/\w/) });
    expect(transmission.reply).toBeUndefined();
    expect(sink.messages).toHaveLength(phase === 'dot' ? 1 : 0);
  });

  it.each(LOUD)('with %s during the message does not get it', async fault => {
    const sink = await fixtures.sink({ ...offers, answer: at('body', { fault }) });
    const pool = fixtures.pool(sink);
    const mime = Buffer.from(`Subject: s\r\n\r\n${'0123456789\r\n'.repeat(80_000)}`);
    // When beforeDot is called, the kernel has everything except the dot. The call ends too late.
    const permission = Promise.withResolvers<void>();
    const beforeDot = (): Promise<void> => permission.promise;
    const transmission = await pool.send(parcel({ mime }), { ...freely(), beforeDot });
    expect(transmission).toMatchObject({ phase: 'body', error: expect.stringMatching(/\w/) });
    permission.resolve();
    await sink.until(() => sink.sessions[0]?.isClosed);
    expect(sink.messages).toEqual([]);
  });

  it('by not reading a message that the kernel cannot hold does not get it', async () => {
    const sink = await fixtures.sink({ ...offers, answer: at('body', { fault: 'stall' }) });
    const pool = fixtures.pool(sink, { timeouts: SHORT_TIMEOUTS });
    const mime = Buffer.alloc(24_000_000, 'Subject: 0123456789\r\n');
    let asked = 0;
    const transmission = await pool.send(parcel({ mime }), { ...freely(), beforeDot: () => void asked++ });
    expect(transmission).toMatchObject({ phase: 'body', error: 'no reply in time' });
    expect(asked).toBe(0);
  });

  it('with a refusal in the middle of a large message is reported with that refusal', async () => {
    const sink = await fixtures.sink({
      ...offers,
      answer: at('body', { fault: 'stall', reply: '552 5.3.4 big' }),
    });
    const mime = Buffer.alloc(24_000_000, 'Subject: 0123456789\r\n');
    expect(await fixtures.pool(sink).send(parcel({ mime }), freely())).toMatchObject({
      phase: 'body',
      reply: { code: 552, enhanced: '5.3.4', text: 'big' },
    });
  });
});

describe('a server that sends data while beforeDot is running', () => {
  it.each([
    ['250-', { phase: 'body', error: 'protocol error: the server sent data during the message' }],
    ['250 ok\r\n', { phase: 'body', error: expect.stringContaining('unexpected reply 250 ok') }],
    ['451 4.3.0 wait\r\n', { phase: 'body', reply: { code: 451, enhanced: '4.3.0', text: 'wait' } }],
  ])('and sends %j does not get the message', async (data, result) => {
    const sending = Promise.withResolvers<void>();
    const read: string[] = [];
    const server = createServer({ noDelay: true }, socket => {
      socket.on('error', () => {}).write('220 hello\r\n');
      socket.on('data', chunk => {
        read.push(String(chunk));
        if (read.length === 1) socket.write('250-me\r\n250 PIPELINING\r\n');
        if (read.length === 2) socket.write('250 ok\r\n250 ok\r\n354 go on\r\n');
      });
      sending.promise.then(() => socket.write(data));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const pool = poolTo({ host: '127.0.0.1', port });
    const beforeDot = async (): Promise<void> => {
      sending.resolve();
      // The data is written in one turn of the event loop and read in the next.
      for (let turn = 0; turn < 3; turn++) await nextTurn();
    };
    expect(await pool.send(parcel({}), { ...freely(), beforeDot })).toMatchObject(result);
    await pool.close();
    server.close();
    expect(read).toHaveLength(2);
  });
});

describe('a refusal during opening', () => {
  const fixtures = smtpFixtures();

  it.each<[SinkStage, Phase, string, object]>([
    ['connect', 'greeting', '554 5.7.1 go away', { code: 554, enhanced: '5.7.1', text: 'go away' }],
    ['connect', 'greeting', '421 busy', { code: 421, text: 'busy' }],
    ['ehlo', 'ehlo', '550 who?', { code: 550, text: 'who?' }],
    ['ehlo', 'ehlo', '421 busy', { code: 421, text: 'busy' }],
    ['auth', 'auth', '535 5.7.8 wrong', { code: 535, enhanced: '5.7.8', text: 'wrong' }],
    ['auth', 'auth', '454 4.7.0 later', { code: 454, enhanced: '4.7.0', text: 'later' }],
  ])('at %s is reported in phase %s as %s', async (stage, phase, reply, expected) => {
    const sink = await fixtures.sink({ ...account, answer: at(stage, reply) });
    const transmission = await fixtures.pool(sink, { server: credentials }).send(parcel({}), freely());
    expect(transmission).toMatchObject({ phase, reply: expected, recipients: [] });
  });

  it.each<[SinkStage, Phase, string]>([
    ['connect', 'greeting', '250 hello'],
    ['ehlo', 'ehlo', '354 go on'],
    ['auth', 'auth', '250 fine'],
    ['auth', 'auth', '334 more'],
  ])('at %s with a wrong code is a protocol error in phase %s: %s', async (stage, phase, reply) => {
    const sink = await fixtures.sink({ ...account, answer: at(stage, reply) });
    const transmission = await fixtures.pool(sink, { server: credentials }).send(parcel({}), freely());
    expect(transmission).toMatchObject({ phase, error: `unexpected reply: ${reply}`, recipients: [] });
  });
});
