import { AppError } from '../../core/errors.ts';
import { type Fields, isRecord, type Upload } from './values.ts';

/** One field of a form. */
export interface FormPair {
  readonly name: string;
  readonly value: Buffer | Upload;
}

type Tree = Record<string, unknown>;

/** The most fields of one form. A message has about 12. */
const MAX_FIELDS = 200;
/** `attachments[0][name]` has three levels. No field has more. */
const MAX_DEPTH = 3;
const NESTED_NAME = /^([^[\]]+)((?:\[[^[\]]*\])+)$/;

/** Makes objects from names with brackets, as PHP does: `attachments[0][name]`, `to[]`. A repeated name gets a list. */
export function nestFields(pairs: Iterable<FormPair>): Fields {
  const fields = newTree();
  let count = 0;
  for (const { name, value } of pairs) {
    count += 1;
    if (count > MAX_FIELDS) throw new AppError('malformed', `too many fields (max ${MAX_FIELDS})`);
    put(fields, pathOf(name), value);
  }
  return fields;
}

function pathOf(name: string): readonly string[] {
  const [, root = name, brackets = ''] = NESTED_NAME.exec(name) ?? [];
  const path = [root, ...[...brackets.matchAll(/\[(.*?)\]/g)].map(([, key = '']) => key)];
  return path.length > MAX_DEPTH ? [name] : path;
}

function put(fields: Tree, path: readonly string[], value: unknown): void {
  let tree = fields;
  for (const key of path.slice(0, -1)) tree = branchOf(tree, key);
  const last = path.at(-1) ?? '';
  const key = last === '' && path.length > 1 ? String(Object.keys(tree).length) : last;
  const before = tree[key];
  tree[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
}

function branchOf(tree: Tree, key: string): Tree {
  const found = tree[key];
  if (isRecord(found)) return found as Tree;
  const branch = newTree();
  tree[key] = found === undefined ? branch : [found, branch];
  return branch;
}

/** Has no prototype, so that names such as `__proto__` have no special meaning. */
function newTree(): Tree {
  return Object.create(null);
}
