import { isBuiltin } from 'node:module';
import { type Layer, layers, type Rules } from './layers.ts';
import { type Import, importedFile } from './sources.ts';

/** The room of a file; undefined if the file is in no room. */
export function layerOf(path: string): Layer | undefined {
  const [room, ...rest] = path.split('/');
  return rest.length === 0 ? undefined : layers.find(({ name }) => name === room);
}

/** The folder of a file within its room; '' for a file directly in the room. */
function folderOf(path: string): string {
  const [, folder = '', ...rest] = path.split('/');
  return rest.length === 0 ? '' : folder;
}

/** The rules for a file: those of its folder if there are any, otherwise those of its room. */
export function rulesOf(layer: Layer, path: string): Rules & { readonly sees?: readonly string[] } {
  const folder = folderOf(path);
  return folder === '' ? layer : (layer.folders?.[folder] ?? layer.folders?.['*'] ?? layer);
}

/** Returns true if the file at `path`, in this room, may have this import. */
export function mayImport(layer: Layer, path: string, found: Import): boolean {
  const file = importedFile(path, found);
  const rules = rulesOf(layer, path);
  if (file !== undefined) return mayImportFile(layer, rules, path, file, found.isTypeOnly);
  if (isBuiltin(found.specifier)) return rules.builtins?.includes(found.specifier) ?? true;
  return rules.packages?.includes(packageName(found.specifier)) ?? true;
}

function mayImportFile(
  layer: Layer,
  rules: Rules & { readonly sees?: readonly string[] },
  path: string,
  file: string,
  isTypeOnly: boolean,
): boolean {
  const other = layerOf(file);
  // A file in src without a room is reported elsewhere. A file outside src has no rules.
  if (other === undefined) return !file.startsWith('..');
  if (other === layer) return maySee(rules, folderOf(path), folderOf(file));
  if (rules.imports === 'every room' || rules.imports?.includes(other.name)) return true;
  return isTypeOnly && (rules.importsTypesOf?.includes(other.name) ?? false);
}

function maySee({ sees }: { readonly sees?: readonly string[] }, from: string, to: string): boolean {
  return from === '' || to === '' || from === to || (sees?.includes(to) ?? false);
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
