import { describe, expect, it } from 'vitest';
import { createCliOutput, safeForTerminal, table } from './command-output.ts';

describe('the output', () => {
  it('is one line of JSON for programs, without notes', () => {
    const lines: string[] = [];
    const output = createCliOutput(true, text => lines.push(text));
    output.note('hello');
    output.result({ id: 1 }, 'for people');
    expect(lines).toEqual(['{"id":1}\n']);
  });

  it('is the text for people, with notes', () => {
    const lines: string[] = [];
    const output = createCliOutput(false, text => lines.push(text));
    output.note('hello');
    output.result({ id: 1 }, 'for people');
    expect(lines).toEqual(['hello\n', 'for people\n']);
  });
});

describe('printable', () => {
  it('lets nothing through that drives a terminal or turns the text around', () => {
    expect(safeForTerminal('\u001b[2Jred\u0007\r\nline\u202etxt')).toBe('[2Jred line txt');
    expect(safeForTerminal('Grüße, 世界')).toBe('Grüße, 世界');
    expect(safeForTerminal('x'.repeat(300))).toHaveLength(200);
  });
});

describe('table', () => {
  it('has columns as wide as their widest cell', () => {
    expect(
      table(
        ['ID', 'NAME'],
        [
          ['1', 'long name'],
          ['100', 'x'],
        ],
      ),
    ).toBe('ID   NAME\n1    long name\n100  x');
  });
});
