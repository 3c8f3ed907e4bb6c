// Proves that imports in src point one way, as layers.ts has it, and the file rules beside. Prints each breach.
import { join } from 'node:path';
import { findCircles } from './circles.ts';
import { emptyNames, impurities, type Layer, maxFolders, maxLines } from './layers.ts';
import { layerOf, mayImport, rulesOf } from './may-import.ts';
import { repeatedNames } from './repeated-names.ts';
import { importedFile, readSources, type Source } from './sources.ts';

if (import.meta.main) {
  const breaches = checkImports(join(import.meta.dirname, '..', 'src'));
  for (const breach of breaches) console.log(breach);
  process.exitCode = breaches.length === 0 ? 0 : 1;
}

/** Every breach in a folder of sources, a sentence each that begins with its place; empty when all is well. */
export function checkImports(folder: string): readonly string[] {
  const sources = readSources(folder);
  return [...sources.flatMap(checkSource), ...circlesOf(sources), ...repeatedNames(sources)];
}

function checkSource(source: Source): readonly string[] {
  const { path } = source;
  const layer = layerOf(path);
  if (layer === undefined)
    return [`src/${path} is in no room: move it into one, or add its room to scripts/layers.ts`];
  return [
    ...nameBreaches(path),
    ...lengthBreaches(source),
    ...impuritiesOf(source, layer),
    ...importsOf(source, layer),
  ];
}

function nameBreaches(path: string): readonly string[] {
  const isEmpty = emptyNames.some(name => `/${path}`.endsWith(`/${name}`));
  const isDeep = path.split('/').length - 1 > maxFolders;
  return [
    ...(isEmpty ? [`src/${path} has a name that says nothing about its content`] : []),
    ...(isDeep ? [`src/${path} is too deep: at most ${maxFolders} folders below src`] : []),
  ];
}

function lengthBreaches({ path, code }: Source): readonly string[] {
  const lines = code.trimEnd().split('\n').length;
  return lines > maxLines
    ? [`src/${path} has ${lines} lines: above ${maxLines} it is more than one idea`]
    : [];
}

function impuritiesOf({ path, code, lineOf }: Source, layer: Layer): readonly string[] {
  if (!rulesOf(layer, path).isPure) return [];
  return impurities.flatMap(({ word, sentence }) =>
    [...code.matchAll(word)].map(
      match => `src/${path}:${lineOf(match.index)} ${sentence}, and ${layer.name} is pure`,
    ),
  );
}

function importsOf({ path, imports }: Source, layer: Layer): readonly string[] {
  return imports
    .filter(found => !mayImport(layer, path, found))
    .map(
      ({ line, specifier }) =>
        `src/${path}:${line} imports ${specifier}, which ${layer.name} must not import`,
    );
}

function circlesOf(sources: readonly Source[]): readonly string[] {
  const edges = sources.map(
    ({ path, imports }) => [path, imports.flatMap(found => importedFile(path, found) ?? [])] as const,
  );
  return findCircles(new Map(edges)).map(
    circle => `src/${circle[0]} imports itself in a circle: ${circle.join(' → ')}`,
  );
}
