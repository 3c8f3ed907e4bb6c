import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** A TypeScript file that is not a test. */
export interface Source {
  /** Relative to the folder of sources, with slashes. */
  readonly path: string;
  /** The text with spaces instead of comments. Lines and columns are as in the file. */
  readonly code: string;
  readonly imports: readonly Import[];
  /** The line, from 1, of an offset in `code`. */
  lineOf(index: number): number;
}

/** An import, a re-export, or an import() with a constant string. */
export interface Import {
  /** From 1. */
  readonly line: number;
  /** As written: `./x.ts`, `node:fs`, `fastify`. */
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

/** All sources of a folder, by path. */
export function readSources(folder: string): readonly Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !/\.(test|cases)\.ts$/.test(path))
    .sort()
    .map(path => parseSource(path, readFileSync(join(folder, path), 'utf8')));
}

/** The path of the imported file, for an import in the file at `path`; undefined for a package or a module of Node. */
export function importedFile(path: string, { specifier }: Import): string | undefined {
  return specifier.startsWith('.') ? posix.join(dirname(path), specifier) : undefined;
}

function parseSource(path: string, text: string): Source {
  const code = blankComments(text);
  const lineOf = (index: number) => code.slice(0, index).split('\n').length;
  const imports = [...code.matchAll(importPattern)].map(match => ({
    line: lineOf(match.index),
    specifier: match.groups?.['statement'] ?? match.groups?.['call'] ?? '',
    isTypeOnly: match.groups?.['type'] !== undefined,
  }));
  return { path, code, imports, lineOf };
}

/** An import statement starts a line and may span several lines. A call of import() can be anywhere. */
const importPattern =
  /^(?:import|export)\s+(?<type>type\s+)?(?:[\w*{][^'";]*?\bfrom\s*)?['"](?<statement>[^'"]+)['"]|\bimport\(\s*['"](?<call>[^'"]+)['"]/gm;

/** It also matches strings, so that text in a string that looks like a comment is kept. */
const stringOrComment =
  /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

function blankComments(text: string): string {
  return text.replace(stringOrComment, part => (part.startsWith('/') ? part.replace(/[^\n]/g, ' ') : part));
}
