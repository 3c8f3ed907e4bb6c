import { describe, expect, it } from 'vitest';
import {
  countingDial,
  numbered,
  phasesOf,
  recipientsOf,
  sendMany,
  smtpFixtures,
} from '../../test/helpers/mail-servers/smtp-client.ts';
import type { SinkFault, SinkStep } from '../../test/helpers/mail-servers/smtp-sink.ts';
import { freely } from '../../test/suites/transport.ts';
import type { Transmission } from '../core/outcome.ts';

const fixtures = smtpFixtures();

describe('a connection that died while it was idle', () => {
  it('does not fail a message, whether the client has noticed or not', async () => {
    const { sink, pool } = await fixtures.start({}, { maxConnections: 3 });
    await Promise.all(sendMany(pool, 9));
    for (let i = 0; i < 5; i++) {
      sink.dropConnections();
      expect(phasesOf(await Promise.all(sendMany(pool, 3)))).toEqual(['done', 'done', 'done']);
    }
    expect(sink.messages).toHaveLength(24);
  });

  it.each(['close', 'reset'] as const)(
    'and ends with %s at MAIL is replaced, and the message is sent',
    async fault => {
      const answer = ({ stage, session, message }: SinkStep) =>
        stage === 'mail' && session === 1 && message === 2 ? ({ fault } as const) : undefined;
      const { sink, pool } = await fixtures.start({ answer });
      await pool.send(numbered(1), freely());
      let asked = 0;
      const transmission = await pool.send(numbered(2), { ...freely(), beforeDot: () => void asked++ });
      expect(transmission).toMatchObject({ phase: 'done' });
      expect(asked).toBe(1);
      expect(sink.sessions).toHaveLength(2);
    },
  );

  it('and answers 421 to MAIL is replaced, and the message is sent', async () => {
    const answer = ({ stage, session, message }: SinkStep) =>
      stage === 'mail' && session === 1 && message === 2
        ? ({ fault: 'close', reply: '421 4.4.2 idle too long' } as const)
        : undefined;
    const { sink, pool } = await fixtures.start({ answer });
    await pool.send(numbered(1), freely());
    expect(await pool.send(numbered(2), freely())).toMatchObject({ phase: 'done' });
    expect(sink.sessions).toHaveLength(2);
  });

  it('makes the pool close other idle connections, so that the message does not use a dead one', async () => {
    const answer = ({ stage, session, message }: SinkStep) =>
      stage === 'mail' && session <= 3 && message > 3 ? ({ fault: 'close' } as const) : undefined;
    const { sink, pool } = await fixtures.start({ answer }, { maxConnections: 3 });
    await Promise.all(sendMany(pool, 9));
    expect(sink.sessions).toHaveLength(3);
    for (const session of sink.sessions) expect(session.commands.filter(c => c === '.')).toHaveLength(3);
    expect(await pool.send(numbered(10), freely())).toMatchObject({ phase: 'done' });
  });

  it('leads to one more attempt and not to a third', async () => {
    const answer = ({ stage, session, message }: SinkStep) =>
      stage === 'mail' && (session > 1 || message > 1) ? ({ fault: 'close' } as const) : undefined;
    const { sink, pool } = await fixtures.start({ answer });
    await pool.send(numbered(1), freely());
    expect(await pool.send(numbered(2), freely())).toMatchObject({
      phase: 'mail',
      error: 'connection closed by peer',
    });
    expect(sink.sessions).toHaveLength(2);
  });

  it('may have sent 421 without a command', async () => {
    const answer = ({ stage, session }: SinkStep) =>
      stage === 'dot' && session === 1
        ? ({ fault: 'close', reply: '250 2.0.0 taken\n421 4.4.2 bye' } as const)
        : undefined;
    const { sink, pool } = await fixtures.start({ answer });
    expect(await pool.send(numbered(1), freely())).toMatchObject({ phase: 'done', reply: { text: 'taken' } });
    expect(await pool.send(numbered(2), freely())).toMatchObject({ phase: 'done' });
    expect(sink.sessions).toHaveLength(2);
  });
});

describe('a message that is pipelined after another', () => {
  it.each(['close', 'reset', 'garbage'] as const)(
    'is sent on a new connection when the server answers the first dot with %s',
    async fault => {
      const answer = ({ stage, session }: SinkStep) =>
        stage === 'dot' && session === 1 ? ({ fault } as const) : undefined;
      const { sink, pool } = await fixtures.start({ answer });
      const [first, second] = await Promise.all(sendMany(pool, 2));
      expect(first).toMatchObject({ phase: 'dot', error: expect.any(String) });
      expect(second).toMatchObject({ phase: 'done' });
      expect(recipientsOf(sink)).toEqual(['r0@example.net', 'r1@example.net']);
    },
  );

  it('is not pipelined again when the connection of the first message dies', async () => {
    const dots = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const answer = ({ stage, session, message }: SinkStep) => {
      if (stage !== 'dot' || session > 2) return undefined;
      return session === 1 ? dots[message - 1]?.promise : ({ fault: 'close' } as const);
    };
    const third = Promise.withResolvers<boolean>();
    const { dial } = countingDial(count => count < 3 || third.promise);
    const { sink, pool } = await fixtures.start({ answer }, { maxConnections: 2, dial });
    const slowOnes = sendMany(pool, 2);
    await sink.until(() => sink.messages.length === 1);
    const [lost, givenBack] = [pool.send(numbered(3), freely()), pool.send(numbered(4), freely())];
    expect(await lost).toMatchObject({ phase: 'dot' });
    // While it waits for the third connection, the first one could take it.
    dots[0]?.resolve('250 ok');
    await sink.until(() => sink.messages.length === 3);
    third.resolve(true);
    expect(await givenBack).toMatchObject({ phase: 'done' });
    dots[1]?.resolve('250 ok');
    expect(phasesOf(await Promise.all(slowOnes))).toEqual(['done', 'done']);
    expect(sink.messages.at(-1)).toMatchObject({ session: 3, recipients: ['r4@example.net'] });
  });

  it('does not wait for a place after another message either', async () => {
    const data = Promise.withResolvers<string>();
    const dot = Promise.withResolvers<SinkFault>();
    const answer = ({ stage, session }: SinkStep) => {
      if (stage === 'data' && session === 1) return data.promise;
      return stage === 'dot' && session === 2 ? dot.promise : undefined;
    };
    const { sink, pool } = await fixtures.start({ answer }, { maxConnections: 2 });
    const stop = new AbortController();
    const slow = pool.send(numbered(1), freely());
    await sink.until(() => sink.sessions[0]?.commands.includes('DATA'));
    const [lost, givenBack] = sendMany(pool, 2);
    const stopped = pool.send(numbered(4), { ...freely(), signal: stop.signal });
    await sink.until(() => sink.messages.length === 1);
    stop.abort();
    dot.resolve({ fault: 'close' });
    expect(await givenBack).toMatchObject({ phase: 'done' });
    data.resolve('354 go on');
    expect(phasesOf(await Promise.all([slow, stopped, lost as Promise<Transmission>]))).toEqual([
      'done',
      'mail',
      'dot',
    ]);
  });

  it('is sent on a new connection when the first dot is answered with 421', async () => {
    const answer = ({ stage, session }: SinkStep) =>
      stage === 'dot' && session === 1 ? ({ fault: 'close', reply: '421 bye' } as const) : undefined;
    const { pool } = await fixtures.start({ answer });
    const [first, second] = await Promise.all(sendMany(pool, 2));
    expect(first).toMatchObject({ phase: 'done', reply: { code: 421 } });
    expect(second).toMatchObject({ phase: 'done', reply: { code: 250 } });
  });

  it('is sent when the first one is refused', async () => {
    const answer = ({ stage, message }: SinkStep) =>
      stage === 'dot' && message === 1 ? '554 5.7.1 spam' : undefined;
    const { sink, pool } = await fixtures.start({ answer });
    const sent = await Promise.all(sendMany(pool, 2));
    expect(sent).toMatchObject([{ reply: { code: 554 } }, { reply: { code: 250 } }]);
    expect(sink.sessions).toHaveLength(1);
  });

  it('is sent elsewhere when the first one is not answered for long, and arrives once', async () => {
    const slow = Promise.withResolvers<string>();
    const answer = ({ stage, session }: SinkStep) =>
      stage === 'dot' && session === 1 ? slow.promise : undefined;
    const { sink, pool } = await fixtures.start({ answer }, { maxConnections: 2, followerTimeoutMs: 30 });
    const [first, second] = sendMany(pool, 2);
    expect(await second).toMatchObject({ phase: 'done' });
    slow.resolve('250 at last');
    expect(await first).toMatchObject({ phase: 'done', reply: { text: 'at last' } });
    await sink.until(() => sink.sessions[0]?.isClosed);
    expect(recipientsOf(sink)).toEqual(['r0@example.net', 'r1@example.net']);
    expect(sink.messages).toHaveLength(2);
  });

  it('is started while the first dot is unanswered', async () => {
    const slow = Promise.withResolvers<string>();
    const answer = ({ stage, message }: SinkStep) =>
      stage === 'dot' && message === 1 ? slow.promise : undefined;
    const { sink, pool } = await fixtures.start({ answer });
    const first = pool.send(numbered(1), freely());
    await sink.until(() => sink.messages.length === 1);
    const second = pool.send(numbered(2), freely());
    await sink.until(() => sink.sessions[0]?.reads.some(read => /^MAIL .*r2@/s.test(String(read))));
    slow.resolve('250 ok');
    expect(phasesOf(await Promise.all([first, second]))).toEqual(['done', 'done']);
  });
});
