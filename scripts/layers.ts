/** What a room may import. Absent lists: `imports` nothing, `packages` and `builtins` anything. */
export interface Rules {
  /** The rooms whose files it may import. */
  readonly imports?: readonly string[] | 'every room';
  /** The rooms of which it may import types only. */
  readonly importsTypesOf?: readonly string[];
  readonly packages?: readonly string[];
  /** Modules of Node. */
  readonly builtins?: readonly string[];
  /** It only computes: none of `impurities` is in its code. */
  readonly isPure?: true;
}

/** A room: a folder of src. Its own folders do not import each other; its loose files are for all of them. */
export interface Layer extends Rules {
  readonly name: string;
  /** Rules of its own folders, `*` for each of them, in place of the room's; `sees`: folders that this one may import. */
  readonly folders?: Readonly<Record<string, Rules & { readonly sees?: readonly string[] }>>;
}

/** Modules of Node that only compute; of crypto the hashes: its randomness is an impurity. */
const computation = ['node:buffer', 'node:crypto', 'node:string_decoder', 'node:url', 'node:util'];

/** The rooms, from those that know no other to the one that knows all. */
export const layers: readonly Layer[] = [
  { name: 'core', packages: [], builtins: computation, isPure: true },
  { name: 'process' },
  { name: 'mime', imports: ['core'], packages: ['postal-mime'], builtins: computation, isPure: true },
  { name: 'net', imports: ['core'] },
  { name: 'config', imports: ['core'] },
  { name: 'smtp-client', imports: ['core', 'net'] },
  {
    name: 'store',
    imports: ['core'],
    folders: { move: { imports: ['core'], sees: ['sqlite', 'postgres'] } },
  },
  { name: 'auth', imports: ['core', 'process', 'config', 'store'] },
  { name: 'events', imports: ['core'], importsTypesOf: ['store'], packages: [] },
  { name: 'submit', imports: ['core', 'mime', 'auth', 'store'] },
  {
    name: 'delivery',
    imports: ['core', 'mime', 'store'],
    importsTypesOf: ['process'],
    folders: { transports: { imports: ['core', 'mime', 'net', 'smtp-client'] } },
  },
  { name: 'upkeep', imports: ['core', 'store', 'delivery'] },
  { name: 'operations', imports: ['core'], importsTypesOf: ['store', 'delivery'], packages: [] },
  {
    name: 'services',
    imports: ['core', 'mime', 'net', 'config', 'auth', 'store', 'events', 'submit', 'delivery', 'operations'],
    importsTypesOf: ['process'],
  },
  {
    name: 'dialects',
    imports: ['core', 'mime', 'operations'],
    packages: ['typebox', 'postal-mime'],
    builtins: ['node:buffer', 'node:crypto'],
    isPure: true,
    folders: {
      '*': {
        imports: ['core', 'mime', 'operations'],
        packages: ['typebox', 'postal-mime'],
        builtins: ['node:buffer', 'node:url'],
        isPure: true,
      },
    },
  },
  { name: 'http', imports: ['core', 'operations', 'dialects'] },
  { name: 'smtp-server', imports: ['core', 'mime', 'net', 'auth', 'submit', 'operations'] },
  { name: 'pickup', imports: ['core', 'mime'], importsTypesOf: ['process', 'submit'], packages: [] },
  { name: 'main', imports: 'every room' },
  { name: 'cli', imports: 'every room' },
];

/** Words in the code of a pure room that show it is not pure. */
export const impurities: readonly { readonly word: RegExp; readonly sentence: string }[] = [
  {
    word: /\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(|\bperformance\./g,
    sentence: 'reads the clock',
  },
  {
    word: /\bMath\.random\b|\brandom(?:Bytes|UUID|Int|Fill|FillSync)\b|\bgetRandomValues\b/g,
    sentence: 'uses randomness',
  },
  { word: /\bset(?:Timeout|Interval|Immediate)\(/g, sentence: 'waits' },
  { word: /\bprocess\.|\bconsole\.|\bfetch\(/g, sentence: 'reaches outside' },
];

/** Names that say nothing about a file, or make one the entry to a whole folder. */
export const emptyNames: readonly string[] = ['index.ts', 'utils.ts', 'util.ts', 'helpers.ts', 'misc.ts'];

/** Lines of a file; more hold more than one idea. */
export const maxLines = 400;

/** Folders below src that a file may lie in: `src/a/b/c.ts` at most. */
export const maxFolders = 2;

/**
 * Rooms whose folders have files of the same names: engines of the store beside their ports, dialects beside each other.
 * Elsewhere a base name stands for one file, and a name is exported once.
 */
export const parallelRooms: readonly string[] = ['store', 'dialects'];
