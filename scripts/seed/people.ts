import type { Random } from './random.ts';

/** What the SMTP servers do with mail for an address. */
export type Behaviour =
  | 'accept'
  | 'slow' // accepts after a delay
  | 'unknown user' // 550
  | 'blocked' // 554 to the whole message
  | 'greylisted' // 451 for the first attempt, then accepts
  | 'full' // 452 for every attempt
  | 'lost'; // closes the connection after the first message, without a reply

/** A recipient of mail. */
export interface Person {
  readonly name: string;
  readonly address: string;
  readonly behaviour: Behaviour;
}

const FIRST = [
  ...(['Ada', 'Grace', 'Barbara', 'Edsger', 'Margaret', 'Donald', 'Frances', 'Jean', 'Radia'] as const),
  ...(['Niklaus', 'Anita', 'Ken', 'Hedy', 'Alan', 'Sophie', 'Tim', 'Katherine', 'Linus', 'José'] as const),
] as const;
const LAST = [
  ...(['Lopez', 'Nguyen', 'Smith', 'Müller', 'Rossi', 'Tanaka', 'Okafor', 'Kowalski', 'Haddad'] as const),
  ...(['Silva', 'Ivanova', 'Berg', 'Martin', 'Kim', 'Singh', 'Dubois', 'Novak', 'Yılmaz'] as const),
] as const;
/** Reserved domains (RFC 2606). The first ones are used more often. */
const DOMAINS = [
  'mail.example',
  'inbox.example',
  'post.example',
  'example.com',
  'example.net',
  'corp.example',
] as const;
/** A domain that replies 451 to the first attempt for each address. */
export const GREYLISTING_DOMAIN = 'careful.example';

/** Shares of the behaviours. The rest is `accept`. */
const SHARES: readonly (readonly [Behaviour, number])[] = [
  ['unknown user', 0.03],
  ['greylisted', 0.02],
  ['full', 0.012],
  ['slow', 0.01],
  ['blocked', 0.008],
  ['lost', 0.008],
];
/** Share of non-ASCII local parts. They need SMTPUTF8, which the servers do not offer, so this mail fails. */
const OTHER_SCRIPT_SHARE = 0.008;

/** People with unique addresses. The first ones have one behaviour each, so that every behaviour occurs. */
export function makePeople(random: Random, count: number): readonly Person[] {
  return Array.from({ length: count }, (_, index) => makePerson(random, index));
}

function makePerson(random: Random, index: number): Person {
  const [first, last] = [random.pick(FIRST), random.pick(LAST)];
  const behaviour = SHARES[index]?.[0] ?? pickBehaviour(random);
  const local = `${asciiOf(first)}.${asciiOf(last)}${index}`.toLowerCase();
  const name = `${first} ${last}`;
  if (random.chance(OTHER_SCRIPT_SHARE))
    return { name, address: `josé${index}@mail.example`, behaviour: 'accept' };
  return { name, address: `${local}@${domainOf(random, behaviour)}`, behaviour };
}

function pickBehaviour(random: Random): Behaviour {
  let rest = random.next();
  for (const [behaviour, share] of SHARES) {
    if (rest < share) return behaviour;
    rest -= share;
  }
  return 'accept';
}

function domainOf(random: Random, behaviour: Behaviour): string {
  if (behaviour === 'greylisted') return GREYLISTING_DOMAIN;
  const at = Math.floor(random.next() ** 2 * DOMAINS.length);
  return DOMAINS[at] ?? DOMAINS[0];
}

/** The ASCII letters of a name. */
function asciiOf(name: string): string {
  return name.normalize('NFD').replace(/[^A-Za-z]/g, '') || 'x';
}
