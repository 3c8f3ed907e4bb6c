// The words and constructions that scripts/check-words.ts rejects, with their replacements.

/** A word or a phrase that must not be in comments, strings, test names and documents. */
export interface BannedPhrase {
  /** Words, each with its alternatives: `tell|tells of`. A `^` before it: only at the start of a sentence. */
  readonly phrase: string;
  readonly better: string;
  /** Permitted if this matches the sentence, in which the phrase is marked: `we need «no more» than that`. */
  readonly unless?: RegExp;
  /** Only for files whose path matches; absent: all files. */
  readonly within?: RegExp;
}

/**
 * A noun that was invented here, in names of code and files. The words of a name in order: `create slots` finds
 * `createSlots` and `createSlotsOf`. A `=` before it: only the whole name. `.ts` after it: only the name of a file.
 */
export interface BannedName {
  readonly name: string;
  readonly better: string;
  /** Only for files whose path matches; absent: all files. */
  readonly within?: RegExp;
}

const phrases = (better: string, ...shapes: readonly string[]): readonly BannedPhrase[] =>
  shapes.map(phrase => ({ phrase, better }));
/** Texts of the dashboard and the command line. */
const labels = (better: string, ...shapes: readonly string[]): readonly BannedPhrase[] =>
  phrases(better, ...shapes).map(label => ({ ...label, within: /^(?:dashboard\/src|src\/cli)\// }));
const names = (better: string, ...shapes: readonly string[]): readonly BannedName[] =>
  shapes.map(name => ({ name, better }));
const namesIn = (within: RegExp, better: string, ...shapes: readonly string[]): readonly BannedName[] =>
  names(better, ...shapes).map(name => ({ ...name, within }));

const QUESTION = /\?$/;
const THERE = /\bthere «|\bthere \w+ «/i;

export const PHRASES: readonly BannedPhrase[] = [
  // Words that are too old for technical English.
  ...phrases('must, or the present tense', 'shall'),
  ...phrases('so that … not', 'lest'),
  ...phrases('again, from the beginning', 'anew'),
  ...phrases('from it, of it, in it', 'thereof', 'therein', 'thereto', 'hereby', 'herein', 'hereof'),
  ...phrases('from where, from there, to where', 'whence', 'thence', 'hence', 'whither', 'thither', 'hither'),
  ...phrases('in which, of which, by which', 'wherein', 'whereof', 'whereby', 'whereupon'),
  ...phrases('immediately, until now, from now on', 'forthwith', 'hitherto', 'heretofore', 'henceforth'),
  ...phrases('anything, nothing', 'aught', 'naught', 'nought'),
  ...phrases('on, to, before', 'upon', 'unto', 'ere'),
  ...phrases('while, among, although', 'whilst', 'amongst', 'albeit'),
  ...phrases('without success', 'in vain'),
  ...phrases('because there is no', 'for want of'),
  ...phrases('the client that, the user who', 'whoever', 'whosoever', 'whomever'),
  // Constructions.
  {
    phrase:
      'work|works|count|counts|listen|listens|run|runs|exist|exists|good|valid|used|configured|is|are no more',
    better: 'no longer',
    unless: /there «|» (?!at once\b(?! than))\w/,
  },
  {
    phrase: 'is|are|was|were|be no',
    better: 'is not a, invalid, unknown',
    unless: new RegExp(
      `${THERE.source}|» (?:longer|more|less|fewer|better|worse|later|earlier|further|different)\\b`,
      'i',
    ),
  },
  {
    phrase: 'is|are|was|were none',
    better: 'is not one, is invalid',
    unless: new RegExp(`${THERE.source}|» of\\b`, 'i'),
  },
  ...phrases('is (not) available', 'to be had'),
  ...phrases('actions on', 'a say in'),
  ...phrases('what happened to, the status of, the result of', 'became|become|becomes|came|comes of'),
  ...phrases('is notified of, reports, learns of', 'told|tell|tells|heard|hear|hears of'),
  ...phrases('builds from, makes from', 'make|makes of'),
  ...phrases('submit', 'hand|hands|handed|handing in'),
  ...phrases('periodically', 'now and then'),
  ...phrases('overrides, comes before', 'go|goes|went before'),
  ...phrases('costs more', 'dearer'),
  ...phrases('Authentication required', 'nobody has logged in'),
  ...phrases('connection-level error, failure', '^trouble', 'signs|sign of trouble', 'make|makes trouble'),
  // Clauses without a noun before them, and inversions.
  { phrase: '^who|whose|whom', better: 'name the subject: the client that, the user who', unless: QUESTION },
  {
    phrase:
      '^what is|was|has|had|becomes|comes|goes|went|waits|follows|holds|left|leaves|stands|cannot|may|must|should',
    better: 'name the subject: the messages that',
    unless: QUESTION,
  },
  ...phrases('name the person or program', 'of|by|to|for|from|with|than|against|as who'),
  ...phrases('subject first', '^of what', '^of whom', '^of which'),
  { phrase: '^should', better: 'if', unless: QUESTION },
  { phrase: 'should it|they|the|there|any|anything|somebody|nobody|its', better: 'if', unless: /[^,] «/ },
  // Nouns that were invented here and have no other meaning.
  ...phrases('listen-notify, listener', 'ear|ears'),
  ...phrases('changes, change feed', 'news'),
  ...phrases('in-doubt leases', 'doubts'),
  ...phrases('balance', 'purse|purses'),
  ...phrases('token batch', 'small|in lots', 'a lot is'),
  ...phrases('reserved in advance', 'drawn ahead', 'draws ahead'),
  ...phrases('breaker state from another node', 'hearsay'),
  ...phrases('drained connection', 'husk|husks'),
  ...phrases('randomness, random numbers', 'dice'),
  ...phrases('directory watcher', 'bell|bells'),
  ...phrases('failover', 'detour|detours'),
  ...phrases('webhook sender', 'poster|posters'),
  ...phrases('timeout, settle delay', 'patience'),
  // The dashboard and the command line.
  ...labels('System', 'as the system'),
  ...labels('Median delivery time, 99th percentile', 'half within', '99 % within'),
  ...labels('Last response', 'last word'),
  ...labels('Stopped at, Completed in', 'got as far as', 'went to its end'),
  ...labels('Failing, next attempt at', 'resting until'),
  ...labels('No messages match, 238 messages match', 'is|are like that', 'look for less'),
  ...labels('Preview', 'count them first'),
  ...labels('Cancel 238 messages', 'cancel them'),
  ...labels('Bulk retry', 'retry by filter'),
  ...labels('Delivery details', 'what happened to it'),
  ...labels('Revoke key "name"?', 'really revoke'),
  ...labels('Mobile, inline, Show as table', 'as on a phone', 'shown within', 'in numbers'),
  ...labels('Allowed senders', 'may send as'),
  ...labels(
    'Max connections, Sender name, Sender domains',
    'connections at most',
    'its name',
    'domains of senders',
  ),
  ...labels('Rotate signing secret', 'make a new secret'),
  ...labels('none selected = all', 'none chosen'),
  ...labels('Takes effect immediately', 'count|counts at once'),
  ...labels('Enable, Disable', 'switch it on', 'switch it off'),
  ...labels('Fail at', 'answer comes after'),
  ...labels('Encryption key', 'sealing of secrets'),
  ...labels('Queue is empty', 'nothing waits'),
  ...labels('Scheduled for, Ready', 'asked to be sent later', 'waits for its turn'),
];

export const NAMES: readonly BannedName[] = [
  ...names('listen-notify', 'ear'),
  ...names('change feed', 'news'),
  ...namesIn(/postgres/, 'batcher', 'turns'),
  ...names('in-doubt leases', 'doubts'),
  ...namesIn(/store/, 'statement names', 'create names', 'names.ts'),
  ...namesIn(/postgres|webhook/, 'semaphore', 'slots'),
  ...names('migration mark', 'moved mark', 'moved table', 'was moved', 'not moved'),
  ...namesIn(/store/, 'migration mark', 'moved.ts'),
  ...namesIn(/store/, 'queue capacity', 'room'),
  ...names('balance', 'purse'),
  ...names('token batch', 'lot'),
  ...names(
    'reserve',
    'draw from',
    'draw both',
    'draw until',
    'can draw',
    'is drawing',
    'on drawn',
    'drawn at',
  ),
  ...namesIn(/^src\/(?:store|delivery)/, 'reserve', '=draw', '=drawn'),
  ...names('breaker state from other nodes', 'breaker hint', 'breaker hints', 'hearsay'),
  ...namesIn(/delivery|core/, 'breaker state from other nodes', '=hint', '=hints'),
  ...names('dispatch loop', 'pump'),
  ...names('failover', 'detour'),
  ...names('timer', 'alarm'),
  ...names('directory watcher', 'bell'),
  ...names('timeout, settle delay', 'patience'),
  ...names('memory budget', 'create window', 'window limits'),
  ...namesIn(/delivery/, 'memory budget', 'window.ts'),
  ...names('result batcher', 'recorder'),
  ...names('lease renewal', 'keeper'),
  ...names('health, state', 'standing'),
  ...names('signal', 'sign of', 'lane sign'),
  ...names('drained connection', 'husk'),
  ...names('dialogue', 'talk'),
  ...names('adapt to server', 'fit mail'),
  ...namesIn(/smtp/, 'adapt to server', 'fit.ts'),
  ...names('send body', 'hand over'),
  ...names('socket', 'create wire', 'wire listener'),
  ...namesIn(/smtp/, 'socket', '=wire'),
  ...names('services', 'foundation'),
  ...names('rejoin after a lost lease', 'lasting'),
  ...names('wire up delivery', 'delivering.ts'),
  ...namesIn(/^src\//, 'clock and randomness', 'sources.ts'),
  ...names('randomness', 'dice'),
  ...namesIn(/^src\/main/, 'followers', '=behind'),
  ...names('audit trail', 'trail'),
  ...names('message', 'letter in', 'letter of', 'write letter', 'mail letter'),
  ...namesIn(/temp-mail|dashboard|cli/, 'message', '=letter'),
  ...names('webhook sender', 'poster'),
  ...namesIn(/notices/, 'final state', 'ending'),
  ...namesIn(/temp-mail|address/, 'address owner', 'holder'),
  ...namesIn(/^src\/(?:store|delivery)/, 'attempt facts, search terms', 'facts.ts', 'terms.ts'),
  ...namesIn(/store/, 'statistics', 'tally'),
];

/** Labels of the dashboard that are banned if they are the whole label. */
export const LABELS: Readonly<Record<string, string>> = {
  'Given up': 'Expires',
  Made: 'Created',
  May: 'Permissions, Allowed senders',
  Caption: 'Name',
  Look: 'View',
  Gate: 'Settings',
  Addresses: 'Temporary addresses',
  Letters: 'Messages',
};

/** Texts that may contain a banned word, because a published API, an RFC or another program has them. */
export const ALLOWED: readonly string[] = [
  // Indirect questions with a noun in the same row.
  'who changed what, when',
  // Python, HTML, and the control character BEL.
  'part is None',
  '<video poster=',
  'bell \\u0007',
  'bell =?utf-8',
  // The subject of a test message.
  'News of this week',
];
