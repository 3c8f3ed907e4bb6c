import { describe, expect, test } from 'vitest';
import type { Address, Mailbox } from '../core/address.ts';
import { createHeaderWriter } from './header-writer.ts';
import { putMailboxField } from './mailbox-field.ts';
import { createOutput } from './output.ts';

function field(mailboxes: readonly Mailbox[]): string {
  const header = createHeaderWriter(createOutput(16));
  putMailboxField(header, 'To', mailboxes);
  return header.out.bytes.toString('utf8', 0, header.out.length);
}

function box(address: string, name?: string): Mailbox {
  return { address: address as Address, ...(name !== undefined && { name }) };
}

describe('an address field', () => {
  test.each([
    [undefined, 'To: a@b.test\r\n'],
    ['', 'To: a@b.test\r\n'],
    ['Jim Beam', 'To: Jim Beam <a@b.test>\r\n'],
    ['  Jim ', 'To: Jim <a@b.test>\r\n'],
    ['Acme, Inc.', 'To: "Acme, Inc." <a@b.test>\r\n'],
    ['two  blanks', 'To: "two  blanks" <a@b.test>\r\n'],
    ['"quoted" \\ back', 'To: "\\"quoted\\" \\\\ back" <a@b.test>\r\n'],
    ['x@y.test', 'To: "x@y.test" <a@b.test>\r\n'],
    ['Jürgen Miller', 'To: =?utf-8?Q?J=C3=BCrgen_Miller?= <a@b.test>\r\n'],
    ['=?utf-8?Q?no?=', 'To: =?utf-8?B?PT91dGYtOD9RP25vPz0=?= <a@b.test>\r\n'],
  ])('with the name %j is %j', (name, written) => {
    expect(field([box('a@b.test', name)])).toBe(written);
  });

  test('separates mailboxes by commas and folds between them', () => {
    const written = field(Array.from({ length: 8 }, (_, i) => box(`user${i}@example.test`, `User ${i}`)));
    expect(written.split('\r\n').slice(0, -1)).toEqual([
      'To: User 0 <user0@example.test>, User 1 <user1@example.test>, User 2',
      ' <user2@example.test>, User 3 <user3@example.test>, User 4',
      ' <user4@example.test>, User 5 <user5@example.test>, User 6',
      ' <user6@example.test>, User 7 <user7@example.test>',
    ]);
  });

  test('is not written without mailboxes', () => {
    expect(field([])).toBe('');
  });

  test('contains a non-ASCII address unchanged (RFC 6532) and reports it', () => {
    const header = createHeaderWriter(createOutput(16));
    putMailboxField(header, 'To', [box('用户@example.test', 'ü')]);
    const written = header.out.bytes.toString('utf8', 0, header.out.length);
    expect(written).toBe('To: =?utf-8?B?w7w=?= <用户@example.test>\r\n');
    expect(header.hasUtf8).toBe(true);
  });

  test.each([
    box('a@b.test>\r\nBcc: <x@y.test'),
    box('a\n@b.test'),
    box('ü\r@b.test'),
    box('a@b.test', 'a\r\nBcc: x@y.test'),
    box('a@b.test', 'ä\nb'),
    box('a@b.test', '"\u0000"'),
  ])('refuses a line break: %j', mailbox => {
    expect(() => field([mailbox])).toThrow('Control character');
  });
});
