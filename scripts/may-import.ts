import { isBuiltin } from 'node:module';
import { type Layer, layers } from './layers.ts';
import { type Import, importedFile } from './sources.ts';

/** The layer that owns a file; undefined when none does. */
export function layerOf(path: string): Layer | undefined {
  const matches = layers.flatMap(layer =>
    layer.at.filter(place => isAt(place, path)).map(place => ({ layer, place })),
  );
  return matches.sort((a, b) => b.place.length - a.place.length)[0]?.layer;
}

/** Whether a file of this layer may import this. */
export function mayImport(layer: Layer, path: string, found: Import): boolean {
  const file = importedFile(path, found);
  if (file !== undefined) return mayImportFile(layer, path, file, found.isTypeOnly);
  if (isBuiltin(found.specifier)) return layer.builtins?.includes(found.specifier) ?? true;
  return layer.packages?.includes(packageName(found.specifier)) ?? true;
}

function mayImportFile(layer: Layer, path: string, file: string, isTypeOnly: boolean): boolean {
  const other = layerOf(file);
  // A file of ours without a layer is a breach of its own; one outside src is not ours.
  if (other === undefined) return !file.startsWith('..');
  if (other === layer) return partOf(layer, path) === partOf(layer, file);
  if (layer.imports === 'every layer' || layer.imports.includes(other.name)) return true;
  return isTypeOnly && (layer.importsTypesOf?.includes(other.name) ?? false);
}

function isAt(place: string, path: string): boolean {
  return place.endsWith('.ts') ? path === place : path.startsWith(place.replace('*', ''));
}

/** In a layer of separate parts, the one that a file belongs to; '' for all files of another layer. */
function partOf(layer: Layer, path: string): string {
  const place = layer.at.find(candidate => candidate.endsWith('*') && isAt(candidate, path));
  if (place === undefined) return '';
  const [part = ''] = path.slice(place.length - 1).split('/');
  return part.replace(/\.ts$/, '');
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
