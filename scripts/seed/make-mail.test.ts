import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeMail } from './make-mail.ts';
import { makePeople, type Person } from './people.ts';
import { createRandom } from './random.ts';
import type { SeedMail } from './seed-mail.ts';

const COUNT = 2_000;

function digestOf(mail: readonly SeedMail[]): string {
  const hash = createHash('sha256');
  for (const { attachments, ...texts } of mail) {
    hash.update(JSON.stringify(texts));
    for (const { content } of attachments) hash.update(content);
  }
  return hash.digest('hex');
}

function make(seed: number) {
  const random = createRandom(seed);
  const people = makePeople(random, COUNT / 4) as [Person, ...Person[]];
  return { people, mail: makeMail(random, people, COUNT) };
}

test('the same seed produces the same people and mail, and another seed produces others', () => {
  const [first, again, other] = [make(1), make(1), make(2)];
  expect(again.people).toEqual(first.people);
  expect(digestOf(again.mail)).toBe(digestOf(first.mail));
  expect(other.people).not.toEqual(first.people);
  expect(digestOf(other.mail)).not.toBe(digestOf(first.mail));
});

test('most people get their mail, and each kind of failure occurs', () => {
  const { people } = make(1);
  const counts = Object.groupBy(people, ({ behaviour }) => behaviour);
  expect(counts['accept']?.length).toBeGreaterThan(people.length * 0.85);
  const behaviours = ['accept', 'blocked', 'full', 'greylisted', 'lost', 'slow', 'unknown user'];
  expect(Object.keys(counts).sort()).toEqual(behaviours);
  expect(new Set(people.map(({ address }) => address)).size).toBe(people.length);
});

test('mail comes from six accounts through four APIs, with attachments, Cc, tags and priorities', () => {
  const { mail } = make(1);
  const kinds = <T>(of: (message: (typeof mail)[number]) => T) => new Set(mail.map(of));
  expect(kinds(({ application }) => application.account).size).toBe(6);
  expect([...kinds(({ api }) => api)].sort()).toEqual(['powermta', 'smtp', 'turbosmtp', 'v1']);
  expect([...kinds(({ priority }) => priority ?? 'normal')].sort()).toEqual(['bulk', 'high', 'normal']);
  expect(mail.some(({ attachments }) => attachments.length > 0)).toBe(true);
  expect(mail.some(({ cc }) => cc.length > 0)).toBe(true);
  expect(mail.some(({ sendInMs }) => sendInMs !== undefined)).toBe(true);
});

test('every domain is reserved', () => {
  const { mail } = make(1);
  const addresses = mail.flatMap(({ application, to, cc }) => [
    application.domain,
    ...[...to, ...cc].map(({ address }) => address),
  ]);
  for (const address of addresses) expect(address).toMatch(/(?:\.example|@example\.(?:com|net))$/);
});
