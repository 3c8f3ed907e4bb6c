import { describe, expect, test } from 'vitest';
import { readApiPages, readApiRules } from './api-rules.ts';

const read = (...lines: readonly string[]) => readApiRules({ name: 'mail.md', text: lines.join('\n') });

describe('a page about an API', () => {
  test('has a rule in each table row and list item, with the tests of its marks', () => {
    const { rules, unmarked } = read(
      '# Mail',
      '',
      '## Errors',
      '| request | answer |',
      '|---|---|',
      '| `{` | 400 `EOF` <!-- test: says EOF --> |',
      '| a \\| b | 400 <!-- test: says one --> or 401 <!-- test: says two + says three --> |',
      '- It is JSON. <!-- test: takes JSON -->',
      '1. First <!-- test: comes first -->',
    );
    const rule = { page: 'mail.md', section: 'Errors' };
    expect(rules).toEqual([
      { ...rule, says: '`{` · 400 `EOF`', tests: ['says EOF'] },
      { ...rule, says: 'a \\| b · 400 or 401', tests: ['says one', 'says two', 'says three'] },
      { ...rule, says: 'It is JSON.', tests: ['takes JSON'] },
      { ...rule, says: 'First', tests: ['comes first'] },
    ]);
    expect(unmarked).toEqual([]);
  });

  test('may spread a list item over several lines, its mark too', () => {
    const { rules } = read('- It is JSON,', '  whatever its label. <!-- test: takes JSON -->', '', 'Prose.');
    expect(rules.map(({ says }) => says)).toEqual(['It is JSON, whatever its label.']);
  });

  test('has a rule in a paragraph that has a mark, and none in one without', () => {
    const { rules, unmarked } = read(
      'A paragraph',
      'of two lines. <!-- test: says so -->',
      '',
      'Another one.',
    );
    expect(rules.map(({ says }) => says)).toEqual(['A paragraph of two lines.']);
    expect(unmarked).toEqual([]);
  });

  test('names rows and items that have no mark', () => {
    const { unmarked } = read('| a | b |', '|---|---|', '| c | d |', '', '- e', '- f <!-- test: g -->');
    expect(unmarked).toEqual(['c · d', 'e']);
  });

  test('has no rule in code', () => {
    const { rules, unmarked } = read('```sh', '- a <!-- test: b -->', '| c |', '```', '', 'Prose.');
    expect([rules, unmarked]).toEqual([[], []]);
  });
});

test('each table row and list item of docs/apis has a mark', () => {
  const pages = readApiPages();
  expect(pages.map(({ name }) => name)).toContain('powermta.md');
  expect(pages.flatMap(page => readApiRules(page).unmarked)).toEqual([]);
});
