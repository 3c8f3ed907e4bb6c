import { describe, expect, it } from 'vitest';
import { isRun, parseDocument, problemsOf } from './documents.ts';

const read = (...lines: readonly string[]) => parseDocument('docs/x.md', lines.join('\n'));

describe('a document', () => {
  it('has blocks with line, language and text', () => {
    expect(read('# X', '', '```sh', 'ls', '```', 'and', '```json', '{}', '```').blocks).toEqual([
      { line: 3, language: 'sh', text: 'ls\n' },
      { line: 7, language: 'json', text: '{}\n' },
    ]);
  });

  it('has blocks in lists, whose indentation is not theirs', () => {
    expect(
      read('- so:', '', '  ```sh', '  for x in y; do', '    ls', '  done', '  ```').blocks[0]?.text,
    ).toBe('for x in y; do\n  ls\ndone\n');
  });

  it('may have a mark before a block', () => {
    const { blocks } = read('<!-- not run: it needs a mail provider -->', '```sh', 'ls', '```');
    expect(blocks[0]?.mark).toEqual({ kind: 'not run', text: 'it needs a mail provider' });
  });

  it('may have other comments', () => {
    expect(read('<!-- print this -->', '```sh', 'ls', '```').blocks[0]?.mark).toBeUndefined();
  });

  it('is refused when a block does not end', () => {
    expect(() => read('```sh', 'ls')).toThrow('docs/x.md:1: the block has no end');
  });
});

describe('a block', () => {
  it.each(['sh', 'js', 'python'])('of %s is run', language => {
    expect(read(`\`\`\`${language}`, 'x', '```').blocks.map(isRun)).toEqual([true]);
  });

  it('whose request is refused is run', () => {
    expect(read('<!-- refused -->', '```sh', 'x', '```').blocks.map(isRun)).toEqual([true]);
  });

  it('of a setting is not run', () => {
    expect(read('```ini', 'x', '```').blocks.map(isRun)).toEqual([false]);
  });

  it('with a mark is not run', () => {
    expect(read('<!-- not run: it needs Django -->', '```python', 'x', '```').blocks.map(isRun)).toEqual([
      false,
    ]);
  });
});

describe('a problem', () => {
  it.each([
    [
      'a block without a language',
      ['```', 'ls', '```'],
      'docs/x.md:1: "" is not one of the languages of blocks',
    ],
    [
      'a block of another language',
      ['```bash', 'ls', '```'],
      'docs/x.md:1: "bash" is not one of the languages of blocks',
    ],
    [
      'a mark without a reason',
      ['<!-- not run -->', '```sh', 'ls', '```'],
      'docs/x.md:2: "not run" has no reason',
    ],
    [
      'a mark with an empty reason',
      ['<!-- not run: -->', '```sh', 'ls', '```'],
      'docs/x.md:2: "not run" has no reason',
    ],
    ['JSON that is none', ['```json', '{', '```'], 'docs/x.md:1: the block is not JSON'],
    [
      'a test that is not there',
      ['<!-- run by: test/e2e/none.test.ts -->', '```sh', 'ls', '```'],
      'docs/x.md:2: "test/e2e/none.test.ts" is not a test that names this document',
    ],
    [
      'a file that no block uses',
      ['<!-- file: a.mjs -->', '```js', 'x', '```', '```sh', 'node b.mjs', '```'],
      'docs/x.md:2: no later block uses the file "a.mjs"',
    ],
    [
      'an answer to nothing',
      ['<!-- answer -->', '```json', '{}', '```'],
      'docs/x.md:2: an answer is JSON, and follows the block that prints it',
    ],
  ])('is %s', (_, lines, problem) => {
    expect(problemsOf(read(...lines))).toEqual([problem]);
  });

  it('is none in blocks that are run, or marked with a reason', () => {
    const lines = [
      '```sh',
      'node a',
      '```',
      '<!-- answer -->',
      '```json',
      '{}',
      '```',
      '<!-- not run: it needs Rails -->',
      '```sh',
      'x',
      '```',
    ];
    expect(problemsOf(read(...lines))).toEqual([]);
  });
});
