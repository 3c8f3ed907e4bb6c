import { describe, expect, it } from 'vitest';
import {
  countingDial,
  numbered,
  phasesOf,
  recipientsOf,
  SERIAL_OFFERS,
  sendMany,
  smtpFixtures,
} from '../../test/helpers/mail-servers/smtp-client.ts';
import type { SinkStep, SmtpSink } from '../../test/helpers/mail-servers/smtp-sink.ts';
import { freely, parcel } from '../../test/suites/transport.ts';
import type { Address } from '../core/address.ts';
import type { Dial } from '../net/dial.ts';

const fixtures = smtpFixtures();

function readsOf(sink: SmtpSink): readonly string[] {
  return (sink.sessions[0]?.reads ?? []).map(String);
}

describe('the client', () => {
  it('sends MAIL, RCPT and DATA together, and the end of a message with the commands of the next', async () => {
    const { sink, pool } = await fixtures.start();
    await Promise.all(sendMany(pool, 3));
    const [, first, second, third, last] = readsOf(sink);
    expect(first).toMatch(/^MAIL FROM:<a@example.com>[^\r]*\r\nRCPT TO:<r0@example.net>\r\nDATA\r\n$/);
    expect(second).toMatch(/\r\nhello\r\n\.\r\nMAIL [^\r]*\r\nRCPT TO:<r1@example.net>\r\nDATA\r\n$/);
    expect(third).toMatch(/\r\nhello\r\n\.\r\nMAIL [^\r]*\r\nRCPT TO:<r2@example.net>\r\nDATA\r\n$/);
    expect(last).toMatch(/\r\nhello\r\n\.\r\n$/);
  });

  it('sends one command at a time without PIPELINING', async () => {
    const { sink, pool } = await fixtures.start({ capabilities: SERIAL_OFFERS });
    await Promise.all(sendMany(pool, 2));
    expect(readsOf(sink).map(read => read.split(/[\s:]/)[0])).toEqual([
      ...['EHLO', 'MAIL', 'RCPT', 'DATA', 'From'],
      ...['MAIL', 'RCPT', 'DATA', 'From'],
    ]);
  });

  it('ends a connection with QUIT', async () => {
    const { sink, pool } = await fixtures.start();
    await Promise.all(sendMany(pool, 2));
    await pool.close();
    expect(sink.sessions.map(({ commands }) => commands.at(-1))).toEqual(['QUIT']);
  });

  it('sends nothing for an address with a line break, which is a bug', async () => {
    const { sink, pool } = await fixtures.start();
    const recipients = ['b@example.net\r\nDATA' as Address];
    await expect(pool.send(parcel({ recipients }), freely())).rejects.toThrow('control character');
    expect(await pool.send(parcel({}), freely())).toMatchObject({ phase: 'done' });
    expect(recipientsOf(sink)).toEqual(['b@example.net']);
  });

  it('sends nothing for a message that the server can never accept, and sends the next one', async () => {
    const { sink, pool } = await fixtures.start({ capabilities: ['PIPELINING'] });
    const mime = Buffer.from('Subject: s\r\n\r\n\xe4\r\n', 'latin1');
    const [refused, next] = await Promise.all([
      pool.send(parcel({ mime }), freely()),
      pool.send(parcel({}), freely()),
    ]);
    expect(refused).toMatchObject({
      phase: 'mail',
      refusal: expect.stringMatching(/^5\.6\.3 /),
      recipients: [],
    });
    expect(next).toMatchObject({ phase: 'done' });
    expect(sink.messages).toHaveLength(1);
  });

  it('sends a converted message and reports the conversion', async () => {
    const converted = Buffer.from('Subject: s\r\n\r\n=E4\r\n');
    const { sink, pool } = await fixtures.start({ capabilities: [] }, { toSevenBit: () => converted });
    const mime = Buffer.from('Subject: s\r\n\r\n\xe4\r\n', 'latin1');
    expect(await pool.send(parcel({ mime }), freely())).toMatchObject({ phase: 'done', converted: true });
    expect(sink.messages[0]?.bytes).toEqual(converted);
  });
});

describe('the pool', () => {
  it('opens as many connections as needed, up to the limit', async () => {
    const { sink, pool } = await fixtures.start({}, { maxConnections: 3 });
    expect(phasesOf(await Promise.all(sendMany(pool, 50)))).toEqual(Array(50).fill('done'));
    expect(sink.sessions).toHaveLength(3);
    expect(new Set(recipientsOf(sink)).size).toBe(50);
  });

  it('opens no connection while the open ones have capacity', async () => {
    const { sink, pool } = await fixtures.start({}, { maxConnections: 10 });
    for (let i = 0; i < 5; i++) await Promise.all(sendMany(pool, 2));
    expect(sink.sessions).toHaveLength(1);
  });

  it('has a capacity of three messages per connection, or two without PIPELINING', async () => {
    const { pool } = await fixtures.start({ capabilities: SERIAL_OFFERS }, { maxConnections: 4 });
    expect(pool.capacity).toBe(12);
    await pool.send(parcel({}), freely());
    expect(pool.capacity).toBe(8);
  });

  it('closes an idle connection with QUIT after a time', async () => {
    const { sink, pool } = await fixtures.start({}, { idleMs: 20 });
    await pool.send(parcel({}), freely());
    await sink.until(() => sink.sessions[0]?.isClosed);
    expect(sink.sessions[0]?.commands.at(-1)).toBe('QUIT');
    expect(await pool.send(parcel({}), freely())).toMatchObject({ phase: 'done' });
  });

  it('closes a connection after its number of messages', async () => {
    const { sink, pool } = await fixtures.start({}, { maxMessages: 2 });
    expect(phasesOf(await Promise.all(sendMany(pool, 5)))).toEqual(Array(5).fill('done'));
    await sink.until(() => sink.sessions.length === 3 && sink.sessions[1]?.isClosed);
    expect(sink.sessions.map(({ commands }) => commands.filter(command => command === '.').length)).toEqual([
      2, 2, 1,
    ]);
  });

  it('closes a connection at its maximum age, but not before it has sent a message', async () => {
    const { sink, pool } = await fixtures.start({}, { maxAgeMs: 0 });
    expect(phasesOf(await Promise.all(sendMany(pool, 3)))).toEqual(['done', 'done', 'done']);
    expect(sink.sessions).toHaveLength(3);
  });
});

describe('a server that cannot be reached', () => {
  it('fails all waiting messages after one round of attempts', async () => {
    const sink = await fixtures.sink();
    await sink.close();
    const { counted, dial } = countingDial();
    const pool = fixtures.pool(sink, { maxConnections: 3, dial });
    const sent = await Promise.all(sendMany(pool, 100));
    expect(new Set(phasesOf(sent))).toEqual(new Set(['connect']));
    expect(sent[0]).toMatchObject({
      error: 'connection refused (127.0.0.1)',
      remote: `127.0.0.1:${sink.port}`,
    });
    expect(counted.count).toBe(3);
    await Promise.all(sendMany(pool, 100));
    expect(counted.count, 'the next attempt is made alone').toBe(4);
  });

  it('does not stop messages while other connections work', async () => {
    const { counted, dial } = countingDial(count => count === 1);
    const { sink, pool } = await fixtures.start({}, { maxConnections: 5, dial });
    expect(phasesOf(await Promise.all(sendMany(pool, 30)))).toEqual(Array(30).fill('done'));
    expect(phasesOf(await Promise.all(sendMany(pool, 30)))).toEqual(Array(30).fill('done'));
    expect(sink.sessions).toHaveLength(1);
    expect(counted.count, 'growing is not tried again at once').toBeLessThanOrEqual(5);
  });

  it('is tried again after a pause when the open connections are busy', async () => {
    const { counted, dial } = countingDial(count => count !== 2);
    const answer = ({ stage, session }: SinkStep) =>
      stage === 'dot' && session === 1 ? ({ fault: 'silence' } as const) : undefined;
    const options = { maxConnections: 2, followerTimeoutMs: 10, growthPauseMs: 20, dial };
    const { sink, pool } = await fixtures.start({ answer }, options);
    const [hanging, second] = sendMany(pool, 2);
    expect(await second).toMatchObject({ phase: 'done' });
    expect(counted.count).toBe(3);
    sink.dropConnections();
    expect(await hanging).toMatchObject({ phase: 'dot' });
  });

  it('is used again as soon as it can be reached', async () => {
    const { dial } = countingDial(count => count > 1);
    const { pool } = await fixtures.start({}, { dial });
    expect(await pool.send(parcel({}), freely())).toMatchObject({ phase: 'connect', error: 'no more' });
    expect(await pool.send(parcel({}), freely())).toMatchObject({ phase: 'done' });
  });
});

describe('an abort signal', () => {
  it.each(['mail', 'rcpt', 'data'] as const)(
    'at %s closes the connection, and the message is not sent',
    async at => {
      const stop = new AbortController();
      const answer = ({ stage }: SinkStep) => {
        if (stage !== at) return undefined;
        stop.abort();
        return { fault: 'silence' } as const;
      };
      const { sink, pool } = await fixtures.start({ capabilities: SERIAL_OFFERS, answer });
      const transmission = await pool.send(parcel({}), { ...freely(), signal: stop.signal });
      expect(transmission).toMatchObject({ phase: at, error: 'stopped' });
      await sink.until(() => sink.sessions[0]?.isClosed);
    },
  );

  it('after the dot ends the wait, and the outcome is unknown', async () => {
    const stop = new AbortController();
    const answer = ({ stage }: SinkStep) => (stage === 'dot' ? ({ fault: 'silence' } as const) : undefined);
    const { sink, pool } = await fixtures.start({ answer });
    const sent = pool.send(parcel({}), { ...freely(), signal: stop.signal });
    await sink.until(() => sink.messages.length === 1);
    stop.abort();
    expect(await sent).toMatchObject({ phase: 'dot', error: 'stopped' });
  });

  it('ends waiting messages and messages in progress', async () => {
    const stop = new AbortController();
    const answer = ({ stage }: SinkStep) => (stage === 'dot' ? ({ fault: 'silence' } as const) : undefined);
    const { sink, pool } = await fixtures.start({ answer });
    const sent = sendMany(pool, 5, stop.signal);
    await sink.until(() => sink.messages.length === 1);
    stop.abort();
    expect(phasesOf(await Promise.all(sent))).toEqual(['dot', 'mail', 'mail', 'mail', 'mail']);
  });

  it('does not affect messages with another signal', async () => {
    const stop = new AbortController();
    const slow = Promise.withResolvers<string>();
    const answer = ({ stage, message }: SinkStep) =>
      stage === 'dot' && message === 1 ? slow.promise : undefined;
    const { sink, pool } = await fixtures.start({ answer });
    const other = pool.send(numbered(1), freely());
    const stopped = pool.send(numbered(2), { ...freely(), signal: stop.signal });
    const waiting = pool.send(numbered(3), freely());
    await sink.until(() => sink.messages.length === 1);
    stop.abort();
    expect(await stopped).toMatchObject({ phase: 'mail', error: 'stopped' });
    slow.resolve('250 ok');
    expect(phasesOf(await Promise.all([other, waiting]))).toEqual(['done', 'done']);
    expect(recipientsOf(sink)).toEqual(['r1@example.net', 'r3@example.net']);
  });

  it('can be shared by any number of messages', async () => {
    const { pool } = await fixtures.start();
    const { signal } = freely();
    expect(new Set(phasesOf(await Promise.all(sendMany(pool, 500, signal))))).toEqual(new Set(['done']));
  });
});

describe('beforeDot', () => {
  it('is called for a pipelined message only after the reply to the one before was reported', async () => {
    const { pool } = await fixtures.start({}, { maxConnections: 1 });
    const calls: string[] = [];
    const send = (n: number) =>
      pool.send(numbered(n), {
        ...freely(),
        beforeDot: () => void calls.push(`beforeDot ${n}`),
        onReply: () => void calls.push(`reply ${n}`),
      });
    await Promise.all([1, 2, 3].map(send));
    expect(calls).toEqual(['beforeDot 1', 'reply 1', 'beforeDot 2', 'reply 2', 'beforeDot 3', 'reply 3']);
  });

  it('that rejects closes the connection without a dot, and the next message is still sent', async () => {
    const { sink, pool } = await fixtures.start();
    const held = pool.send(numbered(1), {
      ...freely(),
      beforeDot: () => Promise.reject(new Error('lease is gone')),
    });
    const next = pool.send(numbered(2), freely());
    await expect(held).rejects.toThrow('lease is gone');
    expect(await next).toMatchObject({ phase: 'done' });
    expect(recipientsOf(sink)).toEqual(['r2@example.net']);
    expect(sink.sessions[0]?.commands).not.toContain('.');
  });
});

describe('a bug', () => {
  it('while a connection is opened rejects the messages that wait for it', async () => {
    const { pool } = await fixtures.start({}, { server: { clientName: 'a\r\nb' } });
    await expect(pool.send(parcel({}), freely())).rejects.toThrow('control character');
  });
});

describe('closing the pool', () => {
  it('waits until all messages are sent and all connections are closed', async () => {
    const { sink, pool } = await fixtures.start({}, { maxConnections: 2 });
    const sent = sendMany(pool, 20);
    await pool.close();
    expect(phasesOf(await Promise.all(sent))).toEqual(Array(20).fill('done'));
    await sink.until(() => sink.sessions.every(({ isClosed }) => isClosed));
  });

  it('does not wait for connections that no message needs', async () => {
    const sink = await fixtures.sink();
    const never: Dial = ({ signal }) =>
      new Promise(resolve => {
        const stopped = { ok: false, phase: 'connect', error: 'stopped' } as const;
        signal.addEventListener('abort', () => resolve(stopped), { once: true });
      });
    const pool = fixtures.pool(sink, { dial: never });
    const stop = new AbortController();
    const sent = pool.send(parcel({}), { ...freely(), signal: stop.signal });
    stop.abort();
    await pool.close();
    expect(await sent).toMatchObject({ phase: 'mail', error: 'stopped' });
  });
});
