import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poolTo, SERIAL_OFFERS } from '../../test/helpers/mail-servers/smtp-client.ts';
import {
  type SinkAnswer,
  type SinkMessage,
  startSmtpSink,
} from '../../test/helpers/mail-servers/smtp-sink.ts';
import { freely, parcel } from '../../test/suites/transport.ts';
import type { Address } from '../core/address.ts';
import type { Transmission } from '../core/outcome.ts';

const MESSAGES = 12;
const LARGE = Buffer.from(`Subject: large\r\n\r\n${'.0123456789\r\n'.repeat(8_000)}`);

const misbehaviour = fc.constantFrom<SinkAnswer>(
  { fault: 'close' },
  { fault: 'reset' },
  { fault: 'garbage' },
  { fault: 'close', reply: '421 4.3.2 closing' },
  '450 4.2.0 later',
  '550 5.0.0 never',
  '354 what?',
  '250 fine',
);

/** Mostly correct; undefined is the reply of a correct server. */
const answers = fc.array(
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: misbehaviour }),
  { minLength: 60, maxLength: 120 },
);

interface Run {
  readonly sent: readonly Transmission[];
  /** Number of calls of `beforeDot`, by message. */
  readonly asked: readonly number[];
  /** The messages that the server read up to the dot, by message. */
  readonly arrived: readonly (readonly SinkMessage[])[];
}

async function run(
  script: readonly (SinkAnswer | undefined)[],
  capabilities?: readonly string[],
): Promise<Run> {
  let step = 0;
  const sink = await startSmtpSink({
    ...(capabilities && { capabilities }),
    answer({ stage }) {
      const answer = script[step++];
      // A server that refuses a message and accepts it anyway cannot be reported correctly.
      return stage === 'body' && typeof answer === 'string' ? undefined : answer;
    },
  });
  const pool = poolTo(sink, { maxConnections: 3 });
  const asked = Array<number>(MESSAGES).fill(0);
  const sent = await Promise.all(
    asked.map((_, i) => {
      const recipients = [`${i}@example.net` as Address];
      const beforeDot = (): void => {
        asked[i] = (asked[i] ?? 0) + 1;
      };
      return pool.send(parcel({ recipients, ...(i % 3 === 0 && { mime: LARGE }) }), {
        ...freely(),
        beforeDot,
      });
    }),
  );
  await pool.close();
  await sink.close();
  const arrived = asked.map((_, i) =>
    sink.messages.filter(({ recipients }) => recipients.includes(`${i}@example.net`)),
  );
  return { sent, asked, arrived };
}

describe('a server that answers at random', () => {
  it.each([
    ['pipelined', undefined],
    ['serial', SERIAL_OFFERS],
  ])('is reported correctly and gets no message twice (%s)', async (_, capabilities) => {
    await fc.assert(
      fc.asyncProperty(answers, async script => {
        const { sent, asked, arrived } = await run(script, capabilities);
        sent.forEach(({ phase, reply }, i) => {
          const [message, ...copies] = arrived[i] ?? [];
          expect(copies, 'a message is sent once').toEqual([]);
          expect(asked[i], 'beforeDot is called once, and before the dot').toBeLessThanOrEqual(1);
          if (message !== undefined) expect(asked[i]).toBe(1);
          if (message !== undefined) expect(['dot', 'done']).toContain(phase);
          if (phase === 'done') expect(message?.reply?.slice(0, 3) ?? '421').toBe(String(reply?.code));
          if (phase !== 'done' && phase !== 'dot') expect(message?.reply?.startsWith('2')).not.toBe(true);
        });
      }),
      { numRuns: 60 },
    );
  });
});
