import type { Random } from './random.ts';

/** What a far end does with mail for an address. */
export type Fate =
  | 'accept'
  | 'slow' // takes its time, then accepts
  | 'unknown user' // 550
  | 'blocked' // 554 to the whole message
  | 'greylisted' // 451 at first, then accepts
  | 'full' // 452, every time
  | 'lost'; // loses the connection after the message, once

/** Somebody who gets mail. */
export interface Person {
  readonly name: string;
  readonly address: string;
  readonly fate: Fate;
}

const FIRST = [
  ...(['Ada', 'Grace', 'Barbara', 'Edsger', 'Margaret', 'Donald', 'Frances', 'Jean', 'Radia'] as const),
  ...(['Niklaus', 'Anita', 'Ken', 'Hedy', 'Alan', 'Sophie', 'Tim', 'Katherine', 'Linus', 'José'] as const),
] as const;
const LAST = [
  ...(['Lopez', 'Nguyen', 'Smith', 'Müller', 'Rossi', 'Tanaka', 'Okafor', 'Kowalski', 'Haddad'] as const),
  ...(['Silva', 'Ivanova', 'Berg', 'Martin', 'Kim', 'Singh', 'Dubois', 'Novak', 'Yılmaz'] as const),
] as const;
/** Domains that nobody can register (RFC 2606), the first ones more often than the last. */
const DOMAINS = [
  'mail.example',
  'inbox.example',
  'post.example',
  'example.com',
  'example.net',
  'corp.example',
] as const;
/** A domain that answers everybody's first attempt with 451. */
export const GREYLISTING_DOMAIN = 'careful.example';

/** Shares of the fates; all others accept. */
const SHARES: readonly (readonly [Fate, number])[] = [
  ['unknown user', 0.03],
  ['greylisted', 0.02],
  ['full', 0.012],
  ['slow', 0.01],
  ['blocked', 0.008],
  ['lost', 0.008],
];
/** Local parts of other scripts need SMTPUTF8, which the far ends do not offer: such mail fails. */
const OTHER_SCRIPT_SHARE = 0.008;

/** So many people, each with an address of their own. The first ones have a fate each, however few they are. */
export function makePeople(random: Random, count: number): readonly Person[] {
  return Array.from({ length: count }, (_, index) => makePerson(random, index));
}

function makePerson(random: Random, index: number): Person {
  const [first, last] = [random.pick(FIRST), random.pick(LAST)];
  const fate = SHARES[index]?.[0] ?? pickFate(random);
  const local = `${asciiOf(first)}.${asciiOf(last)}${index}`.toLowerCase();
  const name = `${first} ${last}`;
  if (random.chance(OTHER_SCRIPT_SHARE))
    return { name, address: `josé${index}@mail.example`, fate: 'accept' };
  return { name, address: `${local}@${domainOf(random, fate)}`, fate };
}

function pickFate(random: Random): Fate {
  let rest = random.next();
  for (const [fate, share] of SHARES) {
    if (rest < share) return fate;
    rest -= share;
  }
  return 'accept';
}

function domainOf(random: Random, fate: Fate): string {
  if (fate === 'greylisted') return GREYLISTING_DOMAIN;
  const at = Math.floor(random.next() ** 2 * DOMAINS.length);
  return DOMAINS[at] ?? DOMAINS[0];
}

/** A name as it stands in most addresses. */
function asciiOf(name: string): string {
  return name.normalize('NFD').replace(/[^A-Za-z]/g, '') || 'x';
}
