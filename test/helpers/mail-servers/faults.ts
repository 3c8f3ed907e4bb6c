import type { SinkAnswer, SinkOptions, SinkStage, SinkStep } from './smtp-sink.ts';
import { createTestCa } from './test-ca.ts';

/** What a far end does to a message, and what must come of that. */
export interface Fault {
  readonly name: string;
  readonly answer: (step: SinkStep) => SinkAnswer | undefined;
  /** What else the far end is like, and the settings of its provider. */
  readonly sink?: SinkOptions;
  readonly provider?: Readonly<Record<string, unknown>>;
  /** Where its recipient stands after the first attempt. */
  readonly state: 'deferred' | 'bounced' | 'failed' | 'unknown';
  /** How far that got; `a|b` where it is a matter of chance. */
  readonly phase: string;
  /** Of the reply that ended it; absent: there was none. */
  readonly code?: number;
  /** Its far end had read the final dot. */
  readonly hasDot?: true;
  /** Another provider, where there is one, is given the message at once. */
  readonly failsOver?: true;
  /** The gate remembers it of the provider: the breaker is open, or the connection goes on with what was offered. */
  readonly isRemembered?: true;
}

const authority = createTestCa();
const STARTTLS = { mode: 'starttls', certificate: authority.issue(['127.0.0.1']) } as const;
const OVER_TLS: Partial<Fault> = {
  sink: { tls: STARTTLS },
  provider: { encryption: 'tls', caPem: authority.cert },
};
const WITH_AUTH: Partial<Fault> = {
  sink: { tls: STARTTLS, users: { shop: 'secret' } },
  provider: { encryption: 'tls', caPem: authority.cert, username: 'shop', password: 'secret' },
};
/** A certificate for 127.0.0.1 of an authority that no system trusts. */
export const UNTRUSTED = STARTTLS.certificate;

const LOST = [{ fault: 'close' }, { fault: 'reset' }, { fault: 'garbage' }] as const;
const HALF_A_REPLY = { fault: 'close', reply: '250-2.0.0 not all of it' } as const;
const RCPT_4XX = ['450 4.2.1 later', '452 4.2.2 full', '452 4.5.3 too many'];
const RCPT_5XX = ['550 5.1.1 unknown', '553 bad address', '550 4.2.2 two minds'];

type Outcome = Partial<Fault> & Pick<Fault, 'state' | 'phase'>;
const AFTER_DOT = { phase: 'done', hasDot: true } as const;
const UNKNOWN: Outcome = { state: 'unknown', phase: 'dot', hasDot: true };

/** Every row of the table in docs/delivery.md, but for silence: a gate waits for minutes as RFC 5321 4.5.3.2 wants it. */
export const FAULTS: readonly Fault[] = [
  // Trouble with the connection: not sent, whatever the code.
  ...replies('connect', ['421 4.3.2 busy', '450 4.3.2 busy', '554 5.7.1 no service'], notSent('greeting')),
  ...losses('connect', notSent('connect|greeting')),
  ...replies('ehlo', ['421 4.3.2 busy', '451 4.3.0 later'], notSent('ehlo')),
  {
    ...fault('ehlo', '550 5.7.1 go away'),
    ...notSent('ehlo'),
    name: 'EHLO and HELO answered 550',
    code: 550,
  },
  ...losses('ehlo', notSent('ehlo')),

  // TLS: never a downgrade.
  { ...fault('ehlo', '250 sink.test'), ...OVER_TLS, ...notSent('tls'), name: 'STARTTLS not offered' },
  ...replies('starttls', ['454 4.7.0 not now', '554 5.7.3 never'], { ...OVER_TLS, ...notSent('tls') }),
  ...losses('starttls', { ...OVER_TLS, ...notSent('tls') }),

  // AUTH: never a bounce.
  ...replies('auth', ['454 4.7.0 later'], { ...WITH_AUTH, ...notSent('auth') }),
  ...replies('auth', ['535 5.7.8 wrong'], { ...WITH_AUTH, ...notSent('auth'), isRemembered: true }),
  ...losses('auth', { ...WITH_AUTH, ...notSent('auth') }),

  // What the message meets before its dot.
  ...replies('mail', ['421 4.3.2 closing'], notSent('mail')),
  ...replies('mail', ['451 4.3.0 later'], { state: 'deferred', phase: 'mail' }),
  ...replies('mail', ['550 5.1.8 bad sender', '552 5.3.4 too big'], { state: 'bounced', phase: 'mail' }),
  ...replies('mail', ['550 5.7.1 not from here'], { state: 'bounced', phase: 'mail', failsOver: true }),
  ...losses('mail', notSent('mail')),
  ...replies('rcpt', ['421 4.3.2 closing'], notSent('rcpt')),
  ...replies('rcpt', RCPT_4XX, { state: 'deferred', phase: 'rcpt' }),
  ...replies('rcpt', RCPT_5XX, { state: 'bounced', phase: 'rcpt' }),
  ...losses('rcpt', notSent('rcpt')),
  ...replies('data', ['421 4.3.2 closing'], notSent('data')),
  ...replies('data', ['451 4.3.0 later'], { state: 'deferred', phase: 'data' }),
  ...replies('data', ['554 5.6.0 no'], { state: 'bounced', phase: 'data' }),
  ...losses('data', notSent('data')),

  // After the dot: what was answered counts, and what was not is unknown.
  ...replies('dot', ['421 4.3.2 closing'], { ...notSent('done'), hasDot: true }),
  ...replies('dot', ['451 4.3.0 later', '452 4.3.1 disk full'], { ...AFTER_DOT, state: 'deferred' }),
  ...replies('dot', ['550 5.7.1 spam', '554 5.6.0 no'], { ...AFTER_DOT, state: 'bounced' }),
  ...losses('dot', UNKNOWN),
  { ...fault('dot', '354 go on'), ...UNKNOWN, name: 'dot answered 354' },
  { ...fault('dot', HALF_A_REPLY), ...UNKNOWN, name: 'dot answered with half a reply' },

  // We do not even begin.
  {
    ...fault('ehlo', '250-sink.test\n250 SIZE 100'),
    ...{ state: 'failed', phase: 'mail', failsOver: true, isRemembered: true },
    name: 'SIZE too small',
  },
];

function fault(stage: SinkStage, answer: SinkAnswer): Pick<Fault, 'answer'> {
  return { answer: step => (step.stage === stage ? answer : undefined) };
}

function notSent(phase: string): Outcome {
  return { state: 'deferred', phase, failsOver: true };
}

function replies(stage: SinkStage, texts: readonly string[], outcome: Outcome): Fault[] {
  return texts.map(text => ({
    ...outcome,
    ...fault(stage, text),
    name: `${stage} answered ${text}`,
    code: Number(text.slice(0, 3)),
  }));
}

function losses(stage: SinkStage, outcome: Outcome): Fault[] {
  return LOST.map(answer => ({ ...outcome, ...fault(stage, answer), name: `${answer.fault} at ${stage}` }));
}
