import { describe, expect, test } from 'vitest';
import { readText } from './readable-text.ts';

/** The prose and the code of a file, with a tilde for each removed part. */
function read(path: string, text: string) {
  const readable = readText(path, text);
  if (readable === undefined) throw new Error(`${path} is not read`);
  const show = (part: string) =>
    part
      .replace(/\0+/g, '~')
      .replace(/\u0001+/g, '`')
      .replace(/\s+/g, ' ');
  return { prose: show(readable.prose), code: show(readable.code) };
}

describe('a script', () => {
  test('is split into prose, which is comments and strings, and code', () => {
    const { prose, code } = read('x.ts', `// One two.\nconst a = b('three four') /* five */ + "six seven";`);
    expect(prose).toBe(' One two.~three four~ five six seven~');
    expect(code).toBe('~ const a = b(\'~\') ~ + "~";');
  });

  test('keeps the lines of a comment together, and consecutive comment lines', () => {
    expect(read('x.ts', '/**\n * One\n * two.\n */\nx();').prose).toBe(' One two. ~');
    expect(read('x.ts', '// One\n  // two.\nx();').prose).toBe(' One two.~');
  });

  test('keeps concatenated strings together', () => {
    expect(read('x.ts', `f('one two ' +\n  'three four');`).prose).toBe('~one two three four~');
  });

  test('has no prose in strings without a space, regular expressions and code of comments', () => {
    expect(read('x.ts', `import x from './one.ts'; const y = /it's a "pattern"/.test(z);`).prose).toBe('~');
    expect(read('x.ts', '// Runs `one two` twice.').prose).toBe(' Runs ` twice.');
  });

  test('reads the expressions of a template literal as code, and the strings in them as prose', () => {
    const { prose, code } = read('x.ts', `a(\`one two \${b({ c: \`three \${d} four\` })} five six\`);`);
    expect(prose).toBe('~one two ~three ~ four~ five six~');
    expect(code).toBe(`a(\`~\${b({ c: \`~\${d}~\` })}~\`);`);
  });

  test('reads the text between JSX tags as prose', () => {
    const { prose, code } = read(
      'x.tsx',
      `const a = () => <p className="one">Two three {four} <b>five</b></p>;`,
    );
    expect(prose).toBe('~Two three ~five~');
    expect(code).toContain('{four}');
    expect(code).not.toContain('Two');
  });
});

test.each([
  ['x.md', 'One `two` [three](four.md).\n\n```sh\nfive\n```\n', 'One ` [three`. ~ '],
  ['x.sql', 'select a -- One two\nfrom b /* three */', '~ One two~ three ~'],
  ['x.css', '/* One\n two */ a { color: red }', ' One two ~'],
  ['x.html', '<p>One <b>two</b></p><style>three {}</style>', '~One ~two~'],
  ['x.yaml', 'one: two # Three four\n# five', '~ Three four  five'],
  ['Dockerfile', '# One two.\nFROM three', ' One two.~'],
])('%s is split into prose and the rest', (path, text, prose) => {
  expect(read(path, text).prose).toBe(prose.replace(/\s+/g, ' '));
});

test('an image is not read', () => {
  expect(readText('x.png', '')).toBeUndefined();
});
