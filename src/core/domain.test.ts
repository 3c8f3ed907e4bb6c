import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddressLiteral, parseDomain } from './domain.ts';

const label63 = 'a'.repeat(63);

describe('a domain', () => {
  test.each([
    ['example.com', 'example.com'],
    ['EXAMPLE.Com', 'example.com'],
    ['localhost', 'localhost'],
    ['a.b-c.1d', 'a.b-c.1d'],
    ['3com.com', '3com.com'],
    [`${label63}.com`, `${label63}.com`],
    ['münchen.de', 'xn--mnchen-3ya.de'],
    ['MÜNCHEN.DE', 'xn--mnchen-3ya.de'],
    ['mu\u0308nchen.de', 'xn--mnchen-3ya.de'],
    ['XN--MNCHEN-3YA.de', 'xn--mnchen-3ya.de'],
    ['ü.xn--p1ai', 'xn--tda.xn--p1ai'],
    ['faß.de', 'xn--fa-hia.de'],
    ['ΣΑΣ.gr', 'xn--mxa9ab.gr'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
  ])('%j becomes %j', (text, domain) => {
    expect(parseDomain(text)).toEqual({ ok: true, value: domain });
  });

  test.each([
    ['', /labels/],
    ['.', /labels/],
    ['example.com.', /labels/],
    ['.example.com', /labels/],
    ['a..b', /labels/],
    ['-a.com', /labels/],
    ['a-.com', /labels/],
    ['a_b.com', /labels/],
    ['exa mple.com', /labels/],
    [`${label63}a.com`, /labels/],
    ['ü..de', /labels/],
    ['ü.', /labels/],
    [`${`${label63}.`.repeat(4)}com`, /longer than 253/],
    ['ü'.repeat(600), /longer than 253/],
    ['127.0.0.1', /ends in a number/],
    ['127.1', /ends in a number/],
    ['2130706433', /ends in a number/],
    ['0x7f', /ends in a number/],
    ['example.123', /ends in a number/],
  ])('%j is refused: %s', (text, reason) => {
    expect(parseDomain(text)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  test.each([
    ['full-width letters', 'ＥＸＡＭＰＬＥ.com'],
    ['full-width digits', '１２７.0.0.1'],
    ['a full-width dot', 'example．com'],
    ['an ideographic dot', 'example。com'],
    ['a full-width @', 'a＠b.com'],
    ['a full-width slash', 'a／b.com'],
    ['a full-width colon', 'a：25.com'],
    ['a full-width percent sign', 'a％40b.com'],
    ['a percent escape', 'ü%40b.com'],
    ['a port', 'ü.com:25'],
    ['a path', 'ü.com/x'],
    ['a query', 'ü.com?x'],
    ['a fragment', 'ü.com#x'],
    ['a user', 'x@ü.com'],
    ['a backslash', 'ü.com\\x'],
    ['a tab, which a URL would drop', 'ü\t.com'],
    ['a line break, which a URL would drop', 'ü\r\n.com'],
    ['a soft hyphen, which IDNA would drop', 'exam\u00adple.com'],
    ['a zero width space', 'exam\u200bple.com'],
    ['a ligature, which IDNA would map', 'ofﬁce.com'],
    ['a combining mark at the start', '\u0308u.com'],
    ['half a surrogate', 'a\ud800.com'],
  ])('with %s is not a valid internationalised name', (_, text) => {
    expect(parseDomain(text)).toEqual({
      ok: false,
      reason: 'the domain is not a valid internationalised name',
    });
  });

  test('is refused, or is a host name and is accepted unchanged the second time', () => {
    const letters = fc.constantFrom(...'aZ0-._ü例م\u0308ß。．＠％/:@%[\t\u200d', 'xn--');
    const names = fc.oneof(
      fc.string({ unit: letters, maxLength: 12 }),
      fc.string({ unit: 'binary' }),
      fc.domain(),
    );
    fc.assert(
      fc.property(names, text => {
        const parsed = parseDomain(text);
        if (!parsed.ok) return;
        expect(parsed.value).toMatch(/^[a-z0-9.-]{1,253}$/);
        for (const label of parsed.value.split('.')) expect(label).toMatch(/^(?!-).{1,63}(?<!-)$/);
        expect(parseDomain(parsed.value)).toEqual(parsed);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('an address literal', () => {
  test.each([
    ['[127.0.0.1]', '[127.0.0.1]'],
    ['[255.255.255.255]', '[255.255.255.255]'],
    ['[IPv6:::1]', '[IPv6:::1]'],
    ['[ipv6:0:0:0:0:0:0:0:1]', '[IPv6:::1]'],
    ['[IPv6:2001:DB8::00A1]', '[IPv6:2001:db8::a1]'],
    ['[IPv6:::ffff:192.0.2.1]', '[IPv6:::ffff:c000:201]'],
  ])('%s becomes %s', (text, literal) => {
    expect(parseAddressLiteral(text)).toEqual({ ok: true, value: literal });
  });

  test.each([
    '[]',
    '[127.0.0.1',
    '127.0.0.1]',
    '[127.0.0.1].com',
    '[127.1]',
    '[127.0.0.01]',
    '[0177.0.0.1]',
    '[0x7f.0.0.1]',
    '[256.0.0.1]',
    '[ 127.0.0.1]',
    '[127.0.0.1]\n',
    '[１２７.0.0.1]',
    '[::1]',
    '[IPv6:]',
    '[IPv6:1]',
    '[IPv6:::1%eth0]',
    '[IPv6:::1]:25',
    '[IPv6:12345::]',
    '[x400:c=gb]',
  ])('%j is refused', text => {
    expect(parseAddressLiteral(text)).toMatchObject({ ok: false });
  });

  test('accepts every IPv4 and IPv6 address, and its canonical form unchanged', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4().map(ip => `[${ip}]`),
          fc.ipV6().map(ip => `[IPv6:${ip}]`),
        ),
        text => {
          const parsed = parseAddressLiteral(text);
          expect(parsed.ok).toBe(true);
          if (parsed.ok) expect(parseAddressLiteral(parsed.value)).toEqual(parsed);
        },
      ),
    );
  });
});
