import { describe, expect, it } from 'vitest';
import { createCliOutput, safeForTerminal, table } from './command-output.ts';

describe('createCliOutput', () => {
  it('writes one line of JSON and no notes with --json', () => {
    const lines: string[] = [];
    const output = createCliOutput(true, text => lines.push(text));
    output.note('hello');
    output.result({ id: 1 }, 'for people');
    expect(lines).toEqual(['{"id":1}\n']);
  });

  it('writes the text and the notes without --json', () => {
    const lines: string[] = [];
    const output = createCliOutput(false, text => lines.push(text));
    output.note('hello');
    output.result({ id: 1 }, 'for people');
    expect(lines).toEqual(['hello\n', 'for people\n']);
  });
});

describe('safeForTerminal', () => {
  it('removes escape sequences and characters that change the text direction', () => {
    expect(safeForTerminal('\u001b[2Jred\u0007\r\nline\u202etxt')).toBe('[2Jred line txt');
    expect(safeForTerminal('Grüße, 世界')).toBe('Grüße, 世界');
    expect(safeForTerminal('x'.repeat(300))).toHaveLength(200);
  });
});

describe('table', () => {
  it('makes each column as wide as its widest cell', () => {
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
