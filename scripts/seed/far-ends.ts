import { setTimeout as delay } from 'node:timers/promises';
import {
  type SinkAnswer,
  type SinkStep,
  type SmtpSink,
  startSmtpSink,
} from '../../test/helpers/mail-servers/smtp-sink.ts';
import type { Fate, Person } from './people.ts';

/** SMTP servers on loopback that take the mail, or do not. */
export interface FarEnds {
  /** Their ports: two that work, one that wants another password, and one where nothing listens. */
  readonly ports: {
    readonly first: number;
    readonly second: number;
    readonly locked: number;
    readonly closed: number;
  };
  close(): Promise<void>;
}

/** Between the end of a message and its reply, in ms. */
const USUAL_MS = 40;
const SLOW_MS = 1_500;

const AT_RCPT: Readonly<Partial<Record<Fate, string>>> = {
  'unknown user': '550 5.1.1 No such user here',
  full: '452 4.2.2 The mailbox is full',
};

/** Starts them; what they do with a message depends on to whom it goes. */
export async function startFarEnds(people: readonly Person[]): Promise<FarEnds> {
  const fates = new Map(people.map(({ address, fate }) => [address, fate]));
  // Neither SMTPUTF8 nor anything else that is rare.
  const capabilities = ['8BITMIME', 'PIPELINING', 'SIZE 35882577', 'ENHANCEDSTATUSCODES'];
  const closed = await startSmtpSink();
  const sinks = await Promise.all([
    startSmtpSink({ capabilities, answer: createAnswer(fates) }),
    startSmtpSink({ capabilities, answer: createAnswer(fates) }),
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

function createAnswer(fates: ReadonlyMap<string, Fate>) {
  /** Addresses that have failed once, which is often enough for them. */
  const hasFailed = new Set<string>();
  /** By the number of the connection: the last recipient of its message. */
  const recipients = new Map<number, string>();

  return ({ stage, line, session }: SinkStep): SinkAnswer | undefined | Promise<SinkAnswer | undefined> => {
    if (stage === 'rcpt') {
      const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
      recipients.set(session, address);
      const fate = fates.get(address) ?? 'accept';
      if (fate === 'greylisted' && isFirst(hasFailed, address))
        return '451 4.7.1 Greylisted, try again later';
      return AT_RCPT[fate];
    }
    if (stage !== 'dot') return undefined;
    const address = recipients.get(session) ?? '';
    const fate = fates.get(address) ?? 'accept';
    if (fate === 'blocked') return '554 5.7.1 The message was rejected as spam';
    if (fate === 'lost' && isFirst(hasFailed, address)) return { fault: 'close' };
    return delay(fate === 'slow' ? SLOW_MS : USUAL_MS, undefined);
  };
}

function isFirst(seen: Set<string>, address: string): boolean {
  if (seen.has(address)) return false;
  seen.add(address);
  return true;
}
