/** A part of src and what it may know of. */
export interface Layer {
  readonly name: string;
  /**
   * Its files (`x.ts`) and folders (`x/`) below src; of several layers the longest match owns a file. In `x/*` every
   * file and folder of x is on its own: they do not see each other.
   */
  readonly at: readonly string[];
  /** The layers whose files it may import. */
  readonly imports: readonly string[] | 'every layer';
  /** The layers of which it may import types, and nothing that runs. */
  readonly importsTypesOf?: readonly string[];
  /** The packages it may import; absent: any. */
  readonly packages?: readonly string[];
  /** What it may import of Node; absent: anything. */
  readonly builtins?: readonly string[];
  /** It only computes: nothing of `impurities` is in its code. */
  readonly isPure?: true;
}

/** Node's modules that only compute; of crypto the hashes, its dice are an impurity. */
const computation = ['node:buffer', 'node:crypto', 'node:string_decoder', 'node:url', 'node:util'];

/** Which way imports point, from those who know nothing to the one who knows all. */
export const layers: readonly Layer[] = [
  // words and rules
  { name: 'core', at: ['core/'], imports: [], packages: [], builtins: computation, isPure: true },
  {
    name: 'mime',
    at: ['mime/'],
    imports: ['core'],
    packages: ['postal-mime'],
    builtins: computation,
    isPure: true,
  },

  // the outside world, by protocol: no queue, no store
  { name: 'net', at: ['net/'], imports: ['core'] },
  { name: 'smtp', at: ['smtp/'], imports: ['core', 'net'] },

  // the store: its contract, its engines, and the one place that chooses
  { name: 'store', at: ['store/'], imports: ['core'], packages: [] },
  { name: 'sqlite', at: ['store/sqlite/'], imports: ['core', 'store'] },
  { name: 'postgres', at: ['store/postgres/'], imports: ['core', 'store'] },
  { name: 'open-store', at: ['store/open-store.ts'], imports: ['core', 'store', 'sqlite', 'postgres'] },
  { name: 'move', at: ['store/move/'], imports: ['core', 'store', 'sqlite', 'postgres'] },

  // what the process stands on
  { name: 'process', at: ['log.ts', 'private-file.ts', 'version.ts'], imports: [] },
  { name: 'config', at: ['config.ts', 'config/'], imports: ['core'] },
  { name: 'accounts', at: ['accounts/'], imports: ['core', 'store', 'process', 'config'] },
  { name: 'data folder', at: ['data-folder.ts'], imports: ['process', 'accounts'] },
  { name: 'metrics', at: ['metrics.ts'], imports: ['core', 'store'] },

  // the way in, the only one
  { name: 'submit', at: ['submit.ts', 'submit/'], imports: ['core', 'mime', 'store', 'accounts'] },

  // out: never calls intake
  { name: 'transport', at: ['delivery/transport.ts'], imports: ['core'], packages: [] },
  { name: 'transports', at: ['delivery/transports/'], imports: ['core', 'mime', 'net', 'smtp', 'transport'] },
  {
    name: 'delivery',
    at: ['delivery/'],
    imports: ['core', 'mime', 'store', 'transport', 'transports'],
    importsTypesOf: ['process'],
  },
  {
    name: 'events',
    at: ['events/'],
    imports: ['core', 'net', 'store'],
    importsTypesOf: ['process'],
    packages: ['undici'],
  },
  { name: 'upkeep', at: ['upkeep/'], imports: ['core', 'store', 'delivery'] },

  // straight to a server that a caller names: no queue
  {
    name: 'direct',
    at: ['direct/'],
    imports: ['core', 'config', 'mime', 'net', 'smtp', 'transport', 'transports', 'operations'],
    importsTypesOf: ['store', 'http'],
  },

  // what is sent because of what happened
  {
    name: 'notices',
    at: ['notices/'],
    imports: ['core', 'mime', 'events'],
    importsTypesOf: ['process', 'store', 'submit'],
    packages: [],
  },

  // addresses whose holders send as them
  {
    name: 'temp-mail',
    at: ['temp-mail/'],
    imports: ['core', 'mime', 'store', 'accounts', 'submit', 'operations'],
    importsTypesOf: ['http', 'smtp intake'],
  },

  // in: hears from delivery through the store only
  {
    name: 'operations',
    at: [
      'intake/http/operation.ts',
      'intake/http/operations.ts',
      'intake/http/report-operations.ts',
      'intake/http/session-operations.ts',
      'intake/http/temp-mail-operations.ts',
    ],
    imports: ['core'],
    importsTypesOf: ['store', 'transport'],
    packages: [],
  },
  {
    name: 'dialect',
    at: [
      'intake/http/dialect.ts',
      'intake/http/authorization.ts',
      'intake/http/base64.ts',
      'intake/http/html.ts',
      'intake/http/json-depth.ts',
      'intake/http/json-reply.ts',
      'intake/http/mail-replies.ts',
      'intake/http/mail-view.ts',
      'intake/http/page-frame.ts',
      'intake/http/present.ts',
      'intake/http/refusal-headers.ts',
      'intake/http/status.ts',
    ],
    imports: ['core', 'operations'],
    packages: ['postal-mime'],
    builtins: ['node:buffer', 'node:crypto'],
    isPure: true,
  },
  {
    name: 'dialects',
    at: ['intake/http/dialects/*'],
    imports: ['core', 'mime', 'operations', 'dialect'],
    packages: ['typebox', 'postal-mime'],
    builtins: ['node:buffer', 'node:url'],
    isPure: true,
  },
  {
    name: 'list of dialects',
    at: ['intake/http/dialects.ts'],
    imports: ['operations', 'core', 'dialect', 'dialects'],
  },
  {
    name: 'http',
    at: ['intake/http/'],
    imports: ['operations', 'core', 'submit', 'accounts', 'operations', 'dialect', 'list of dialects'],
  },
  {
    name: 'smtp intake',
    at: ['intake/smtp/'],
    imports: ['core', 'mime', 'net', 'submit', 'accounts'],
  },
  {
    name: 'pickup intake',
    at: ['intake/pickup/'],
    imports: ['core', 'mime'],
    importsTypesOf: ['process', 'submit'],
    packages: [],
  },
  { name: 'intake', at: ['intake/'], imports: ['core', 'mime', 'smtp', 'submit', 'accounts'] },

  // what the operations do
  {
    name: 'admin',
    at: ['admin/'],
    imports: [
      'core',
      'mime',
      'net',
      'store',
      'config',
      'accounts',
      'submit',
      'transport',
      'delivery',
      'events',
      'operations',
    ],
    importsTypesOf: ['http'],
  },

  // the program
  { name: 'main', at: ['main.ts', 'main/', 'cli.ts', 'cli/'], imports: 'every layer' },
];

/** Words in the code of a pure layer that give it away. */
export const impurities: readonly { readonly word: RegExp; readonly sentence: string }[] = [
  {
    word: /\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(|\bperformance\./g,
    sentence: 'reads the clock',
  },
  {
    word: /\bMath\.random\b|\brandom(?:Bytes|UUID|Int|Fill|FillSync)\b|\bgetRandomValues\b/g,
    sentence: 'throws dice',
  },
  { word: /\bset(?:Timeout|Interval|Immediate)\(/g, sentence: 'waits' },
  { word: /\bprocess\.|\bconsole\.|\bfetch\(/g, sentence: 'reaches outside' },
];

/** Names that say nothing about a file, or make one the door to a whole folder. */
export const emptyNames: readonly string[] = ['index.ts', 'utils.ts', 'util.ts', 'helpers.ts', 'misc.ts'];

/** More than one idea fits in. */
export const maxLines = 400;
