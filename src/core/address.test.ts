import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, domainOf, localPartOf, needsSmtputf8, parseAddress } from './address.ts';

const local64 = 'l'.repeat(64);
// 252 octets: they leave one octet for the local part.
const longestDomain = `${`${'d'.repeat(61)}.`.repeat(4)}info`;

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(`${JSON.stringify(text)}: ${parsed.reason}`);
  return parsed.value;
}

describe('an address', () => {
  test.each([
    ['jo@example.com', 'jo@example.com'],
    ['Jo.Doe+tag@Example.COM', 'Jo.Doe+tag@example.com'],
    ['root@localhost', 'root@localhost'],
    ["o'neil/x=1@example.com", "o'neil/x=1@example.com"],
    ['"jo"@example.com', 'jo@example.com'],
    ['"j\\o.d"@example.com', 'jo.d@example.com'],
    ['"jo doe"@example.com', '"jo doe"@example.com'],
    ['"jo\\ doe"@example.com', '"jo doe"@example.com'],
    ['"jo."@example.com', '"jo."@example.com'],
    ['"jo@home"@example.com', '"jo@home"@example.com'],
    ['"say \\"hi\\" \\\\"@example.com', '"say \\"hi\\" \\\\"@example.com'],
    ['""@example.com', '""@example.com'],
    ['jo@[192.0.2.1]', 'jo@[192.0.2.1]'],
    ['jo@[ipv6:2001:DB8:0::1]', 'jo@[IPv6:2001:db8::1]'],
    ['jörg@bücher.example', 'jörg@xn--bcher-kva.example'],
    ['jo\u0308rg@example.com', 'jörg@example.com'],
    ['"jörg"@example.com', 'jörg@example.com'],
    ['"jörg b"@example.com', '"jörg b"@example.com'],
    ['用户@例え.テスト', '用户@xn--r8jz45g.xn--zckzah'],
    ['👩\u200d💻@example.com', '👩\u200d💻@example.com'],
    [`${local64}@example.com`, `${local64}@example.com`],
    [`${'ü'.repeat(32)}@example.com`, `${'ü'.repeat(32)}@example.com`],
    [`a@${longestDomain}`, `a@${longestDomain}`],
  ])('%j is %j in SMTP commands', (text, canonical) => {
    expect(parseAddress(text)).toEqual({ ok: true, value: canonical });
  });

  test.each([
    ['jo', /no @/],
    ['jo@', /after the @/],
    ['@example.com', /before the @/],
    ['@relay.example:jo@example.com', /before the @/],
    ['jo@x@example.com', /domain/],
    ['jo @example.com', /contains " "/],
    ['jo,al@example.com', /contains ","/],
    ['jo;al@example.com', /contains ";"/],
    ['jo(x)@example.com', /contains "\("/],
    ['jo\u037e@example.com', /contains ";"/],
    ['.jo@example.com', /dot/],
    ['jo..doe@example.com', /dot/],
    ['<jo@example.com>', /angle bracket/],
    ['"<jo>"@example.com', /angle bracket/],
    ['"jo\\>"@example.com', /angle bracket/],
    ['jo@example.com> SIZE=1', /angle bracket/],
    ['jo@example.com\r\nRCPT TO:<al@example.com', /control/],
    ['"jo\r\n"@example.com', /control/],
    ['"jo\\\n"@example.com', /control/],
    ['jo\0@example.com', /control/],
    ['"jo\tdoe"@example.com', /control/],
    ['jo\u0085@example.com', /control/],
    ['jo\u2028@example.com', /control/],
    ['jo\ud800@example.com', /control/],
    ['jo@example.com\n', /control/],
    ['jo\u00a0doe@example.com', /invisible/],
    ['"jo\u3000doe"@example.com', /invisible/],
    ['\u200bjo@example.com', /invisible/],
    ['\ufeffjo@example.com', /invisible/],
    ['jo\u202edoe@example.com', /invisible/],
    ['jo\ufffd@example.com', /invisible/],
    ['\u0338jo@example.com', /combining/],
    ['"\u0338jo"@example.com', /combining/],
    ['jo＠example.com', /no @/],
    ['jo@example.com ', /labels/],
    ['jo@[192.0.2.1]x', /literal/],
    ['"jo"doe@example.com', /quotes/],
    ['"jo@example.com', /quotes/],
    ['"jo\\é"@example.com', /quotes/],
    [`${local64}l@example.com`, /longer than 64/],
    [`${'ü'.repeat(33)}@example.com`, /longer than 64/],
    [`ab@${longestDomain}`, /longer than 254/],
    [`"${' '.repeat(600)}"@example.com`, /longer than 254/],
  ])('%j is refused: %s', (text, reason) => {
    expect(parseAddress(text)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  test('has a domain and a local part, also with an @ in its quotes', () => {
    expect(domainOf(address('Jo@Example.com'))).toBe('example.com');
    expect(localPartOf(address('Jo@Example.com'))).toBe('Jo');
    expect(domainOf(address('"a@b"@[IPv6:::1]'))).toBe('[IPv6:::1]');
    expect(localPartOf(address('"a@b"@[IPv6:::1]'))).toBe('"a@b"');
  });

  test('needs SMTPUTF8 only for its local part', () => {
    expect(needsSmtputf8(address('jörg@example.com'))).toBe(true);
    expect(needsSmtputf8(address('jo@bücher.example'))).toBe(false);
  });
});

describe('any text', () => {
  // Mostly harmless characters, so that hostile ones get past the first checks.
  const piece = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...'abZ09-é例', '\\ ', '\\"', 'e\u0301') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...'.@"\\ <>(),;:[]%/\r\n\0\t\x7f\u0338\u00a0\u200b\u2028\u037e\ud800＠＜'),
    },
  );
  const part = fc.string({ unit: piece, maxLength: 12 });
  const local = fc.oneof(
    part,
    part.map(text => `"${text}"`),
  );
  const domain = fc.oneof(
    part,
    part.map(text => `${text}.bücher.example`),
    fc.constantFrom('Example.com', '[127.0.0.1]', '[IPv6:0::1]'),
  );
  const almostAddress = fc.tuple(local, domain).map(sides => sides.join('@'));
  const texts = fc.oneof({ weight: 9, arbitrary: almostAddress }, fc.string({ unit: 'binary' }));

  test('is refused, or cannot end its SMTP command and is accepted unchanged the second time', () => {
    let accepted = 0;
    fc.assert(
      fc.property(texts, text => {
        const parsed = parseAddress(text);
        if (!parsed.ok) {
          expect(parsed.reason).toMatch(/^[ -~]+$/);
          return;
        }
        accepted++;
        expect(parsed.value).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}<>]/u);
        expect(localPartOf(parsed.value)).toMatch(/^"(?:[^"\\]|\\["\\])*"$|^[^ "\\(),:;@[\]]+$/);
        expect(domainOf(parsed.value)).toMatch(/^[a-z0-9.-]+$|^\[[0-9.]+\]$|^\[IPv6:[0-9a-f:]+\]$/);
        expect(Buffer.byteLength(parsed.value)).toBeLessThanOrEqual(254);
        expect(Buffer.byteLength(localPartOf(parsed.value))).toBeLessThanOrEqual(64);
        expect(`${localPartOf(parsed.value)}@${domainOf(parsed.value)}`).toBe(parsed.value);
        expect(parseAddress(parsed.value)).toEqual(parsed);
      }),
      { numRuns: 5_000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });
});

describe('an address with', () => {
  const atext = fc.constantFrom(..."abcXYZ019!#$%&'*+-/=?^_`{|}~äλ本");
  const atom = fc.string({ unit: atext, minLength: 1, maxLength: 6 });
  const dotAtom = fc.array(atom, { minLength: 1, maxLength: 3 }).map(atoms => atoms.join('.'));
  const printable = fc.constantFrom(...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)));
  const content = fc.string({ unit: printable, maxLength: 20 }).filter(text => !/[<>]/.test(text));
  const destination = fc.oneof(
    fc.domain(),
    fc.ipV4().map(ip => `[${ip}]`),
  );

  test('a dot-atom is accepted unchanged', () => {
    fc.assert(
      fc.property(dotAtom, destination, (local, domain) => {
        expect(parseAddress(`${local}@${domain}`)).toEqual({
          ok: true,
          value: `${local}@${domain.toLowerCase()}`,
        });
      }),
    );
  });

  test('a quoted string keeps its content, whatever was escaped', () => {
    fc.assert(
      fc.property(content, destination, (text, domain) => {
        const escaped = address(`"${text.replace(/["\\]/g, '\\$&')}"@${domain}`);
        const escapedAll = address(`"${text.replace(/./g, '\\$&')}"@${domain}`);
        expect(escapedAll).toBe(escaped);
        const local = localPartOf(escaped);
        expect(local.startsWith('"') ? local.slice(1, -1).replace(/\\(.)/g, '$1') : local).toBe(text);
      }),
    );
  });
});
