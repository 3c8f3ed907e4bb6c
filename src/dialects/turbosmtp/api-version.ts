/** What differs between the two versions of the API. */
export interface Version {
  readonly path: string;
  readonly summary: string;
  /** Bytes of the composed message. */
  readonly maxBytes: number;
  /** Pairs of header fields with the user name and the key, in lower case; the first pair that is there counts. */
  readonly headerPairs: readonly (readonly [user: string, key: string])[];
  readonly mayBeInQuery: boolean;
  /** The order in which bad addresses of the lists are said. */
  readonly lists: readonly ListName[];
  /** Says that an item of a list is no address. */
  readonly complaints: Readonly<Record<ListName, (item: string) => string>>;
  /** Keeps `reference_id` and `X-campaign-ID`. */
  readonly hasReferences: boolean;
}

export type ListName = 'to' | 'cc' | 'bcc';

const MIB = 1024 * 1024;

export const V1: Version = {
  path: '/api/mail/send',
  summary: 'Send a message as to turboSMTP, version 1',
  maxBytes: 4 * MIB,
  headerPairs: [['authuser', 'authpass']],
  mayBeInQuery: true,
  lists: ['to', 'bcc', 'cc'],
  complaints: {
    to: item => `'${item}' recipient email not valid`,
    cc: item => `'${item}' cc email not valid`,
    bcc: item => `'${item}' bcc email not valid`,
  },
  hasReferences: false,
};

export const V2: Version = {
  path: '/api/v2/mail/send',
  summary: 'Send a message as to turboSMTP, version 2',
  maxBytes: 24 * MIB,
  headerPairs: [
    ['consumerkey', 'consumersecret'],
    ['authuser', 'authpass'],
  ],
  mayBeInQuery: false,
  lists: ['to', 'cc', 'bcc'],
  complaints: {
    to: item => `'${item}' 'to' email not valid`,
    cc: item => `'${item}' 'cc' email not valid`,
    bcc: item => `'${item}' 'bcc' email not valid`,
  },
  hasReferences: true,
};

/** The version that a path of this API belongs to. */
export function versionOf(path: string): Version {
  return path === V2.path || path.startsWith(`${V2.path}/`) ? V2 : V1;
}
