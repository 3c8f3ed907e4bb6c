import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuMsOf } from '../../test/helpers/programs/cpu-time.ts';
import { type Mailbox, parseAddress } from './address.ts';
import { MAX_NAME_LENGTH, mailboxOf, parseMailbox, parseMailboxList } from './mailbox.ts';

describe('a mailbox', () => {
  test.each([
    ['a@b.c', undefined],
    [' \ta@b.c\t ', undefined],
    ['<a@b.c>', undefined],
    ['< a@b.c >', undefined],
    ['"" <a@b.c>', undefined],
    ['Jo Doe <a@b.c>', 'Jo Doe'],
    ['Jo Doe<a@b.c>', 'Jo Doe'],
    ['"Doe, Jo" <a@b.c>', 'Doe, Jo'],
    ['Acme, Inc. <a@b.c>', 'Acme, Inc.'],
    ['Acme (Support) <a@b.c>', 'Acme (Support)'],
    ["'Jo' <a@b.c>", "'Jo'"],
    ['Jo "the boss" Doe <a@b.c>', 'Jo the boss Doe'],
    ['"Jo \\"the boss\\" \\\\ Doe" <a@b.c>', 'Jo "the boss" \\ Doe'],
    ['"Jo <x@y.z>, Al" <a@b.c>', 'Jo <x@y.z>, Al'],
    ['a@b.c <a@b.c>', 'a@b.c'],
    ['Jörg Ærø 李 <a@b.c>', 'Jörg Ærø 李'],
    ['=?utf-8?B?DQpCY2M6IHhAeS56?= <a@b.c>', '=?utf-8?B?DQpCY2M6IHhAeS56?='],
    ['a@b.c (Jo Doe)', 'Jo Doe'],
    ['a@b.c(Jo (the boss\\) Doe)', 'Jo (the boss) Doe'],
    [`${'n'.repeat(MAX_NAME_LENGTH)} <a@b.c>`, 'n'.repeat(MAX_NAME_LENGTH)],
  ])('%j has the name %j', (text, name) => {
    const value = name === undefined ? { address: 'a@b.c' } : { name, address: 'a@b.c' };
    expect(parseMailbox(text)).toEqual({ ok: true, value });
  });

  test('may have an address that needs quotes', () => {
    expect(parseMailbox('"x, y"@b.c')).toEqual({ ok: true, value: { address: '"x, y"@b.c' } });
    expect(parseMailbox('Jo <"x (y)"@B.c>')).toEqual({
      ok: true,
      value: { name: 'Jo', address: '"x (y)"@b.c' },
    });
    expect(parseMailbox('"x (y)"@b.c (Jo)')).toEqual({
      ok: true,
      value: { name: 'Jo', address: '"x (y)"@b.c' },
    });
  });

  test.each([
    ['', /empty/],
    [' ', /empty/],
    ['Jo Doe', /no @/],
    ['Jo Doe <>', /empty/],
    ['Jo Doe a@b.c', /contains " "/],
    ['Jo <a@b.c', /angle bracket/],
    ['Jo a@b.c>', /no < for the >/],
    ['Jo <<a@b.c>>', /angle bracket/],
    ['Jo <a@b.c> Doe', /angle bracket/],
    ['Jo <x@y.z> <a@b.c>', /angle bracket/],
    ['Jo <x@y.z>, Al <a@b.c>', /angle bracket/],
    ['x@y.z, Al <a@b.c>', /looks like another address/],
    ['a@b.c, x@y.z', /domain/],
    ['"Jo <a@b.c>', /quote is not closed/],
    ['Jo" <a@b.c>', /quote is not closed/],
    ['Jo "Doe"" x <a@b.c>', /quote is not closed/],
    ['a@b.c Jo)', /no \( for the \)/],
    ['Jo\r\nBcc: x@y.z <a@b.c>', /control/],
    ['"Jo\\\nDoe" <a@b.c>', /control/],
    ['Jo\tDoe <a@b.c>', /control/],
    ['Jo\0 <a@b.c>', /control/],
    ['Jo\u0085Doe <a@b.c>', /control/],
    ['Jo\u2028Doe <a@b.c>', /control/],
    ['Jo \ud83d <a@b.c>', /control/],
    ['a@b.c (Jo\nDoe)', /control/],
    ['Jo <a@b.c>\r\n', /control|angle bracket/],
    ['a@b.c\n', /control/],
    ['Jo <a@b.c\r\n>', /control/],
    [`${'n'.repeat(MAX_NAME_LENGTH + 1)} <a@b.c>`, /longer than 256/],
    [`${'n'.repeat(5_000)} <a@b.c>`, /too long/],
  ])('%j is refused: %s', (text, reason) => {
    expect(parseMailbox(text)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  test('can be created from a name and an address, and the name is plain text', () => {
    expect(mailboxOf('Doe, "Jo" <x@y.z>', ' a@B.c ')).toEqual({
      ok: true,
      value: { name: 'Doe, "Jo" <x@y.z>', address: 'a@b.c' },
    });
    expect(mailboxOf(undefined, 'a@b.c')).toEqual({ ok: true, value: { address: 'a@b.c' } });
    expect(mailboxOf(' ', 'a@b.c')).toEqual({ ok: true, value: { address: 'a@b.c' } });
    expect(mailboxOf('Jo', 'Jo <a@b.c>')).toMatchObject({ ok: false });
    expect(mailboxOf('Jo\nDoe', 'a@b.c')).toMatchObject({ ok: false });
  });
});

describe('a list of mailboxes', () => {
  test.each([
    ['', []],
    [' , ,,', []],
    ['a@b.c', ['a@b.c']],
    ['a@b.c,d@e.f', ['a@b.c', 'd@e.f']],
    ['a@b.c,\td@e.f,', ['a@b.c', 'd@e.f']],
    ['"Doe, Jo" <a@b.c>, "x,y"@e.f, <"z,z"@e.f>', ['a@b.c', '"x,y"@e.f', '"z,z"@e.f']],
    ['"Doe\\", Jo" <a@b.c>, d@e.f', ['a@b.c', 'd@e.f']],
    ['a@b.c (Doe, Jo (the boss, \\)too)), d@e.f', ['a@b.c', 'd@e.f']],
  ])('%j has the addresses %j', (text, addresses) => {
    const list = parseMailboxList(text);
    expect(list.ok && list.value.map(({ address }) => address)).toEqual(addresses);
  });

  test.each([
    ['a@b.c, , Jo, d@e.f', 'item 2, "Jo": the address has no @'],
    ['Acme, Inc. <a@b.c>', 'item 1, "Acme": the address has no @'],
    ['a@b.c d@e.f', /^item 1, "a@b.c d@e.f": the domain/],
    ['a@b.c; d@e.f', /^item 1/],
    ['a@b.c, Jo\r\n <d@e.f>', /^item 2, "Jo\\r\\n <d@e.f>": the name contains a control/],
    ['a@b.c, \u007f\u2028@e.f', 'item 2, "??@e.f": the address contains a control character'],
    ['a@b.c, "Jo <d@e.f>, g@h.i', /^item 2, "\\"Jo <d@e.f>, g@h.i"/],
    ['a@b.c, <d@e.f, g@h.i', /^item 2, "<d@e.f, g@h.i"/],
    ['a@b.c, d@e.f (Jo, g@h.i', /^item 2, "d@e.f \(Jo, g@h.i"/],
    ['Team: a@b.c, d@e.f;', /^item 1/],
    [`a@b.c, ${'x'.repeat(9_999)}`, `item 2, "${'x'.repeat(80)}…": the mailbox is too long`],
  ])('%j is refused as a whole, and the reason names the item', (text, reason) => {
    const expected = typeof reason === 'string' ? reason : expect.stringMatching(reason);
    expect(parseMailboxList(text)).toEqual({ ok: false, reason: expected });
  });

  test.each(['"', '(', '<', '\\', '"\\', '(\\', ' ', ',', '"" ', '()', 'a@b.c,'])(
    'of a million %j is parsed in linear time',
    piece => {
      const text = piece.repeat(1_000_000 / piece.length);
      expect(cpuMsOf(() => parseMailboxList(text))).toBeLessThan(10_000);
    },
  );
});

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'ab@.,;:<>()"\\ \t\r\n\0é', 'a@b.c', '=?utf-8?q?=0A?=') }),
  fc.string({ unit: 'binary' }),
);

test('any text is refused or has names without control characters', () => {
  fc.assert(
    fc.property(text, text, (first, second) => {
      for (const parsed of [parseMailboxList(first), parseMailboxList(`${first} <a@b.c>,${second}`)])
        if (parsed.ok) for (const { name } of parsed.value) expect(name ?? '').not.toMatch(/[\p{Cc}\p{Cs}]/u);
    }),
    { numRuns: 3_000 },
  );
});

test('mailboxes are the same after they were written as a list and parsed', () => {
  const addresses = fc.constantFrom('a@b.c', '"x, (y"@b.c', 'ü@xn--tda.de', 'a@[IPv6:::1]', '"\\""@b.c');
  const names = fc
    .string({ unit: 'grapheme', maxLength: 40 })
    .map(name => name.trim())
    .filter(name => mailboxOf(name, 'a@b.c').ok);
  const mailboxes = fc.array(fc.tuple(names, addresses).map(([name, address]) => mailbox(name, address)));
  fc.assert(
    fc.property(mailboxes, fc.constantFrom(',', ', ', ' ,\t', ',,'), (list, comma) => {
      expect(parseMailboxList(list.map(format).join(comma))).toEqual({ ok: true, value: list });
    }),
  );
});

function mailbox(name: string, text: string): Mailbox {
  const address = parseAddress(text);
  if (!address.ok) throw new Error(address.reason);
  return name === '' ? { address: address.value } : { name, address: address.value };
}

function format({ name, address }: Mailbox): string {
  return name === undefined ? address : `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`;
}
