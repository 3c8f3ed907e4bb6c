import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** A TypeScript file, not a test, as the checks see it. */
export interface Source {
  /** Below the folder of sources, with slashes. */
  readonly path: string;
  /** Its text with comments blanked out; lines and columns are as in the file. */
  readonly code: string;
  readonly imports: readonly Import[];
  /** The line, from 1, of a place in `code`. */
  lineOf(index: number): number;
}

/** An import, re-export or import() of a constant. */
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

/** The path of the file that an import in the file at `path` names; undefined when it names a package or part of Node. */
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

/** A statement starts its line and may span several; a call stands anywhere. */
const importPattern =
  /^(?:import|export)\s+(?<type>type\s+)?(?:[\w*{][^'";]*?\bfrom\s*)?['"](?<statement>[^'"]+)['"]|\bimport\(\s*['"](?<call>[^'"]+)['"]/gm;

/** Strings are matched too, so that what looks like a comment inside one is left alone. */
const stringOrComment =
  /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

function blankComments(text: string): string {
  return text.replace(stringOrComment, part => (part.startsWith('/') ? part.replace(/[^\n]/g, ' ') : part));
}
