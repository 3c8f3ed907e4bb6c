import { setTimeout as delay } from 'node:timers/promises';
import {
  type SinkAnswer,
  type SinkStep,
  type SmtpSink,
  startSmtpSink,
} from '../../test/helpers/mail-servers/smtp-sink.ts';
import type { Behaviour, Person } from './people.ts';

/** SMTP servers on loopback that accept or refuse the mail of the seed. */
export interface SmtpServers {
  /** Two servers that work, one that requires another password, and a port where nothing listens. */
  readonly ports: {
    readonly first: number;
    readonly second: number;
    readonly locked: number;
    readonly closed: number;
  };
  close(): Promise<void>;
}

/** Delay of the reply to a message. */
const FAST_MS = 40;
const SLOW_MS = 1_500;

const AT_RCPT: Readonly<Partial<Record<Behaviour, string>>> = {
  'unknown user': '550 5.1.1 No such user here',
  full: '452 4.2.2 The mailbox is full',
};

/** Starts the servers. Their replies depend on the recipient of a message. */
export async function startSmtpServers(people: readonly Person[]): Promise<SmtpServers> {
  const behaviours = new Map(people.map(({ address, behaviour }) => [address, behaviour]));
  // Without SMTPUTF8 and other rare extensions.
  const capabilities = ['8BITMIME', 'PIPELINING', 'SIZE 35882577', 'ENHANCEDSTATUSCODES'];
  const closed = await startSmtpSink();
  const sinks = await Promise.all([
    startSmtpSink({ capabilities, answer: createAnswer(behaviours) }),
    startSmtpSink({ capabilities, answer: createAnswer(behaviours) }),
    startSmtpSink({ capabilities, users: { postern: 'another password' } }),
  ]);
  await closed.close();
  return {
    ports: {
      first: portOf(sinks[0]),
      second: portOf(sinks[1]),
      locked: portOf(sinks[2]),
      closed: closed.port,
    },
    async close() {
      await Promise.all(sinks.map(sink => sink.close()));
    },
  };
}

function portOf({ port }: SmtpSink): number {
  return port;
}

function createAnswer(behaviours: ReadonlyMap<string, Behaviour>) {
  /** Addresses that have failed once. They fail only the first time. */
  const hasFailed = new Set<string>();
  /** The last recipient of a message, by the number of the connection. */
  const recipients = new Map<number, string>();

  return ({ stage, line, session }: SinkStep): SinkAnswer | undefined | Promise<SinkAnswer | undefined> => {
    if (stage === 'rcpt') {
      const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
      recipients.set(session, address);
      const behaviour = behaviours.get(address) ?? 'accept';
      if (behaviour === 'greylisted' && isFirst(hasFailed, address))
        return '451 4.7.1 Greylisted, try again later';
      return AT_RCPT[behaviour];
    }
    if (stage !== 'dot') return undefined;
    const address = recipients.get(session) ?? '';
    const behaviour = behaviours.get(address) ?? 'accept';
    if (behaviour === 'blocked') return '554 5.7.1 The message was rejected as spam';
    if (behaviour === 'lost' && isFirst(hasFailed, address)) return { fault: 'close' };
    return delay(behaviour === 'slow' ? SLOW_MS : FAST_MS, undefined);
  };
}

function isFirst(seen: Set<string>, address: string): boolean {
  if (seen.has(address)) return false;
  seen.add(address);
  return true;
}
