import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyStart, headerEnd, rawFields, rawName, rawValue } from './raw-header.ts';

function fieldsOf(text: string): [string, string][] {
  const mime = Buffer.from(text, 'latin1');
  return [...rawFields(mime, 0, headerEnd(mime))].map(field => [rawName(mime, field), rawValue(mime, field)]);
}

describe('the header of a raw message', () => {
  test.each([
    ['A: b\r\n\r\nbody', 6, 8],
    ['A: b\n\nbody', 5, 6],
    ['\r\nbody', 0, 2],
    ['\nbody', 0, 1],
    ['A: b\r\n', 6, undefined],
    ['A: b', 4, undefined],
    ['\r', 1, undefined],
    ['', 0, undefined],
    ['A: b\r\n \r\n\r\n', 9, 11],
  ])('of %j ends at %j and its body starts at %j', (text, end, body) => {
    const mime = Buffer.from(text);
    expect(headerEnd(mime)).toBe(end);
    expect(bodyStart(mime, end)).toBe(body);
  });

  test('has fields with their folded lines, and lines that are not fields', () => {
    expect(
      fieldsOf(
        'From: a\r\nSubject:  b\r\n\tc\r\n  d\r\nno field\r\n goes on\r\nX-Old : y\r\n: z\r\n\r\nTo: b\r\n',
      ),
    ).toEqual([
      ['from', 'a'],
      ['subject', 'b\tc  d'],
      ['', 'no field goes on'],
      ['x-old', 'y'],
      ['', ': z'],
    ]);
  });

  test('has values in UTF-8 or else in latin-1', () => {
    expect(fieldsOf('A: \xc3\xa4\r\nB: \xe4\r\n')).toEqual([
      ['a', 'ä'],
      ['b', 'ä'],
    ]);
  });

  test('is covered by its fields without a gap, whatever it contains', () => {
    const text = fc.string({
      unit: fc.constantFrom('\r\n', '\n', '\r', ':', ' ', '\t', 'a', 'Bcc', '\0', '\xff'),
    });
    fc.assert(
      fc.property(text, header => {
        const mime = Buffer.from(header, 'latin1');
        const end = headerEnd(mime);
        let at = 0;
        for (const field of rawFields(mime, 0, end)) {
          expect(field.start).toBe(at);
          expect(field.end).toBeGreaterThan(field.start);
          at = field.end;
        }
        expect(at).toBe(end);
      }),
      { numRuns: 1000 },
    );
  });
});
