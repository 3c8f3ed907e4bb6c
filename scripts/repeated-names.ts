import { basename, dirname } from 'node:path';
import { parallelRooms } from './layers.ts';
import type { Source } from './sources.ts';

/**
 * Finds names that stand for more than one thing: a base name in two places, or a name that two files export. In the
 * parallel rooms, files with the same name do the same job, each for its own folder.
 */
export function repeatedNames(sources: readonly Source[]): readonly string[] {
  return [...breachesOf(sources, namesOfFile), ...breachesOf(sources, exportsOf)];
}

interface Found {
  /** The kind of name and the name, such as `the export judge`. */
  readonly what: string;
  readonly path: string;
}

function breachesOf(sources: readonly Source[], find: (source: Source) => readonly Found[]): string[] {
  const found = Map.groupBy(sources.flatMap(find), ({ what }) => what);
  return [...found].flatMap(([what, places]) => {
    const rooms = Map.groupBy(places, ({ path }) => roomOf(path));
    const isRepeated = rooms.size > 1 || [...rooms].some(([room, within]) => isBreach(room, within));
    if (!isRepeated) return [];
    return [`${what} stands for more than one thing: ${places.map(({ path }) => `src/${path}`).join(', ')}`];
  });
}

function isBreach(room: string, places: readonly Found[]): boolean {
  return places.length > 1 && !parallelRooms.includes(room);
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? '';
}

/** The entry file of a folder has the name of the folder. It is not counted. */
function namesOfFile({ path }: Source): readonly Found[] {
  const isEntry = basename(path, '.ts') === basename(dirname(path));
  return isEntry ? [] : [{ what: `the file name ${basename(path)}`, path }];
}

const EXPORTED =
  /^export (?:async )?(?:const|let|function\*?|class|interface|type) (?<one>[\w$]+)|^export (?:type )?\{(?<many>[^}]*)\}/gm;

function exportsOf({ path, code }: Source): readonly Found[] {
  return [...code.matchAll(EXPORTED)]
    .flatMap(({ groups }) => groups?.['one'] ?? (groups?.['many'] ?? '').split(',').map(exportedAs))
    .filter(name => name !== '')
    .map(name => ({ what: `the export ${name}`, path }));
}

function exportedAs(specifier: string): string {
  return (specifier.split(' as ').at(-1) ?? '').replace(/^\s*type /, '').trim();
}
