import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAddress } from './address.ts';

// The inputs are the 164 addresses of the test set of is_email 3.05 (Dominic Sayers and Michael Rushton). The expected
// results are ours. `rfc5322`: a header field could contain it, including obsolete forms, and ignoring length limits.
interface Case {
  readonly id: number;
  readonly input: string;
  readonly rfc5322: boolean;
  /** The canonical form; absent when the address is refused. */
  readonly accept?: string;
  readonly refuse?: keyof typeof REASONS;
  /** The reason for a difference from RFC 5322. */
  readonly why?: string;
}

const REASONS = {
  empty: /^the address is empty$/,
  control: /^the address contains a control character$/,
  'no-at': /^the address has no @$/,
  'no-local-part': /^the part before the @ is empty$/,
  'no-domain': /^the part after the @ is empty$/,
  dots: /^the part before the @ has a dot at its start/,
  'needs-quotes': /^the part before the @ contains ".*", which must be quoted there$/,
  quotes: /^the quotes before the @ are not closed, or/,
  'host-name': /^the domain must be labels of letters, digits and inner hyphens/,
  number: /^the domain ends in a number/,
  literal: /^the address literal must be/,
  'long-local-part': /^the part before the @ is longer than 64 octets$/,
  'long-domain': /^the domain is longer than 253 octets$/,
  'long-address': /^the address is longer than 254 octets$/,
};

const fixture = new URL('../../test/fixtures/isemail.json', import.meta.url);
const cases: readonly Case[] = JSON.parse(readFileSync(fixture, 'utf8'));

describe('the is_email test set', () => {
  test('has 164 addresses', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(164);
  });

  test.each(cases)('$id $input', ({ input, accept, refuse }) => {
    const parsed = parseAddress(input);
    if (refuse === undefined) expect(parsed).toEqual({ ok: true, value: accept });
    else expect(parsed).toEqual({ ok: false, reason: expect.stringMatching(REASONS[refuse]) });
  });

  test('explains each difference from RFC 5322', () => {
    const unexplained = cases.filter(one => one.rfc5322 !== (one.accept !== undefined) && !one.why);
    expect(unexplained).toEqual([]);
  });
});
