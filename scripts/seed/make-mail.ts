import * as kinds from './kinds.ts';
import type { Person } from './people.ts';
import type { Random } from './random.ts';
import type { SeedMail } from './seed-mail.ts';

type Kind = (context: kinds.MailContext) => SeedMail;

/** The kinds of mail with their shares in percent. */
const KINDS: readonly (readonly [number, Kind])[] = [
  [33, kinds.newsletter],
  [22, kinds.order],
  [12, kinds.dispatch],
  [9, kinds.invoice],
  [8, kinds.passwordReset],
  [6, kinds.welcome],
  [5, kinds.ticket],
  [3, kinds.alert],
  [1.5, kinds.report],
  [2, kinds.reminder],
];
const TOTAL = KINDS.reduce((sum, [share]) => sum + share, 0);

/** Creates messages: always the same ones for the same seed. */
export function makeMail(
  random: Random,
  people: readonly [Person, ...Person[]],
  count: number,
): readonly SeedMail[] {
  return Array.from({ length: count }, (_, index) => {
    const others = Array.from({ length: random.between(1, 4) }, () => random.pick(people));
    return pickKind(random)({ random, index, to: random.pick(people), others });
  });
}

function pickKind(random: Random): Kind {
  let rest = random.next() * TOTAL;
  for (const [share, kind] of KINDS) {
    if (rest < share) return kind;
    rest -= share;
  }
  return kinds.newsletter;
}
