import { describe, expect, test } from 'vitest';
import { LABELS, NAMES, PHRASES } from './banned-words.ts';
import { findBannedWords } from './find-banned-words.ts';

const wordsIn = (path: string, text: string) => findBannedWords(path, text).map(({ word }) => word);
const inComment = (sentence: string) => wordsIn('src/core/x.ts', `// ${sentence}`);

/** Folders that together match every `within` of the lists. */
const PATHS = [
  'src/core',
  'dashboard/src',
  'src/store/postgres',
  'src/delivery',
  'src/smtp',
  'src/main',
  'src/temp-mail',
  'src/notices',
];
const pathWithin = ({ within }: { within?: RegExp }) =>
  PATHS.map(folder => `${folder}/x.ts`).find(path => within?.test(path) !== false) ?? 'none';

describe('a phrase', () => {
  test.each(PHRASES)('"$phrase" is found', rule => {
    const words = rule.phrase.split(' ').map(word => word.split('|')[0]?.replace('^', ''));
    const sentence = rule.phrase.startsWith('^') ? words.join(' ') : `It, ${words.join(' ')}`;
    expect(findBannedWords(pathWithin(rule), `// ${sentence}`).map(({ better }) => better)).toContain(
      rule.better,
    );
  });

  test('is found in comments, strings, test names, JSX text and documents', () => {
    expect(wordsIn('src/x.ts', '/** It shall work. */')).toEqual(['shall']);
    expect(wordsIn('src/x.ts', "throw new Error('It shall work.');")).toEqual(['shall']);
    expect(wordsIn('src/x.test.ts', "test('shall work', () => {});")).toEqual(['shall']);
    expect(wordsIn('dashboard/src/x.tsx', 'const a = <p>It shall work</p>;')).toEqual(['shall']);
    expect(wordsIn('docs/x.md', 'It shall work.')).toEqual(['shall']);
    expect(wordsIn('src/x.sql', 'select 1 -- It shall work')).toEqual(['shall']);
  });

  test('is not found in names, in code of a comment or a document, and in parts of words', () => {
    expect(wordsIn('src/x.ts', "const shall = lest('shall'); // Calls `lest` at Marshall's.")).toEqual([]);
    expect(wordsIn('docs/x.md', 'Run `shall`.\n\n```sh\nshall\n```\n')).toEqual([]);
  });

  test('is found across a line break, with the line of its first word', () => {
    const text = '/**\n * Nothing is to be\n * had here.\n */';
    expect(findBannedWords('src/x.ts', text)).toEqual([
      { path: 'src/x.ts', line: 2, word: 'to be had', better: 'is (not) available' },
    ]);
  });

  test('for the start of a sentence is not found inside a sentence or in a question', () => {
    expect(inComment('Who asks gets it.')).toEqual(['Who']);
    expect(inComment('It goes to people who ask.')).toEqual([]);
    expect(inComment('Who asks for it?')).toEqual([]);
  });

  test.each([
    ['A key that is no number is refused.', ['is no']],
    ['There is no number.', []],
    ['It is no longer there.', []],
    ['A type that is none is refused.', ['is none']],
    ['There is none.', []],
    ['The key works no more.', ['works no more']],
    ['The key works no more, at once.', ['works no more']],
    ['There is no more than that.', []],
    ['It ends, should it fail.', ['should it']],
    ['It says when it should end.', []],
  ])('depends on its sentence: %s', (sentence, words) => {
    expect(inComment(sentence)).toEqual(words);
  });
});

describe('a name', () => {
  test.each(NAMES)('"$name" is found', rule => {
    const name = rule.name.replace('=', '');
    const camelCase = name.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
    const path = pathWithin(rule);
    const found = name.endsWith('.ts')
      ? findBannedWords(path.replace('x.ts', name), '')
      : findBannedWords(path, `const ${camelCase} = 1;`);
    expect(found.map(({ better }) => better)).toContain(rule.better);
  });

  test('is found in parts of names, types, constants and file names', () => {
    const path = 'src/events/x.ts';
    expect(wordsIn(path, 'createPoster(POSTER_MS); type Poster = 1;')).toEqual([
      'createPoster',
      'POSTER_MS',
      'Poster',
    ]);
    expect(wordsIn('src/events/poster.test.ts', '')).toEqual(['file name poster']);
  });

  test('is not found in a longer word, in SQL, and in files where it means something else', () => {
    expect(wordsIn('src/x.ts', 'const year = research(bear);')).toEqual([]);
    expect(wordsIn('src/x.sql', 'select ear from husk')).toEqual([]);
    expect(wordsIn('src/mime/x.ts', 'const room = 76;')).toEqual([]);
    expect(wordsIn('src/store/x.ts', 'const room = 76;')).toEqual(['room']);
  });
});

describe('a label', () => {
  test.each(Object.keys(LABELS))('"%s" is found in the dashboard, and only as a whole', label => {
    expect(wordsIn('dashboard/src/x.tsx', `const a = <b title="${label}">`)).toContain(label);
    expect(wordsIn('dashboard/src/x.tsx', `const a = <b>${label}</b>`)).toContain(label);
    expect(wordsIn('dashboard/src/x.tsx', `const a = '${label} of something'`)).not.toContain(label);
    expect(wordsIn('src/x.ts', `const a = '${label}'`)).not.toContain(label);
  });
});

test('a text of another program may contain a banned word', () => {
  expect(wordsIn('test/x.ts', 'const html = "a <video poster=x>";')).toEqual([]);
});
