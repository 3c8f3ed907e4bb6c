import { describe, expect, test } from 'vitest';
import { beginField, createHeaderWriter, endLine, putWord } from './header-writer.ts';
import { createOutput } from './output.ts';
import { putParameter } from './parameter.ts';

function field(value: string): string {
  const header = createHeaderWriter(createOutput(16));
  beginField(header, 'Content-Disposition');
  putWord(header, 'attachment');
  putParameter(header, 'filename', value);
  endLine(header);
  return header.out.bytes.toString('latin1', 0, header.out.length);
}

describe('a parameter', () => {
  test.each([
    ['report.pdf', 'filename="report.pdf"'],
    ['my report (1).pdf', 'filename="my report (1).pdf"'],
    ['a"b\\c.pdf', "filename*=utf-8''a%22b%5Cc.pdf"],
    ["über 100%'.pdf", "filename*=utf-8''%C3%BCber%20100%25%27.pdf"],
    ['\ud800.pdf', "filename*=utf-8''%EF%BF%BD.pdf"],
  ])('of %j is %s', (value, written) => {
    expect(field(value)).toBe(`Content-Disposition: attachment; ${written}\r\n`);
  });

  test('is split into numbered sections when it is long, but not inside a character', () => {
    const name = `${'ü漢😀'.repeat(30)}.pdf`;
    const lines = field(name).split('\r\n').slice(0, -1);
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(78);
    const sections = [...field(name).matchAll(/filename\*(\d+)\*=(?:utf-8'')?([^;\r]+)/g)];
    expect(sections.map(([, number]) => Number(number))).toEqual(sections.map((_, index) => index));
    expect(sections.map(([, , text]) => decodeURIComponent(text ?? '')).join('')).toBe(name);
  });

  test.each(['a\r\nX: b', 'a\nb', 'a\u0000.pdf'])('refuses %j', value => {
    expect(() => field(value)).toThrow('Control character');
  });
});
