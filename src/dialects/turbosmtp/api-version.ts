/** The differences between the two versions of the API. */
export interface Version {
  readonly path: string;
  readonly summary: string;
  /** The largest composed message in bytes. */
  readonly maxBytes: number;
  /** Pairs of header fields with user name and key, in lower case. The first pair that is present counts. */
  readonly headerPairs: readonly (readonly [user: string, key: string])[];
  readonly mayBeInQuery: boolean;
  /** The order of the lists in the errors about addresses. */
  readonly lists: readonly ListName[];
  /** The error text for an item that is not an address. */
  readonly addressErrors: Readonly<Record<ListName, (item: string) => string>>;
  /** The version stores `reference_id` and `X-campaign-ID`. */
  readonly hasReferences: boolean;
}

export type ListName = 'to' | 'cc' | 'bcc';

const MIB = 1024 * 1024;

export const V1: Version = {
  path: '/api/mail/send',
  summary: 'Send a message with the request of turboSMTP, version 1',
  maxBytes: 4 * MIB,
  headerPairs: [['authuser', 'authpass']],
  mayBeInQuery: true,
  lists: ['to', 'bcc', 'cc'],
  addressErrors: {
    to: item => `'${item}' recipient email not valid`,
    cc: item => `'${item}' cc email not valid`,
    bcc: item => `'${item}' bcc email not valid`,
  },
  hasReferences: false,
};

export const V2: Version = {
  path: '/api/v2/mail/send',
  summary: 'Send a message with the request of turboSMTP, version 2',
  maxBytes: 24 * MIB,
  headerPairs: [
    ['consumerkey', 'consumersecret'],
    ['authuser', 'authpass'],
  ],
  mayBeInQuery: false,
  lists: ['to', 'cc', 'bcc'],
  addressErrors: {
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
