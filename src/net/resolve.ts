import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Addresses of a host (or the host itself when it is a literal), in the order to try; rejects when there is none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Asks the operating system, with its hosts file and its preferences. */
export const resolveHost: Resolve = async host => {
  if (isIP(host) !== 0) return [host];
  return alternate(await lookup(host, { all: true }));
};

/** RFC 8305 4: the address families in turn, so that one that leads nowhere costs one attempt, not all. */
function alternate(found: readonly { address: string; family: number }[]): readonly string[] {
  const preferred = found.filter(({ family }) => family === found[0]?.family);
  const others = found.filter(({ family }) => family !== found[0]?.family);
  const ordered = preferred.flatMap((entry, i) => [entry, ...others.slice(i, i + 1)]);
  return [...ordered, ...others.slice(preferred.length)].map(({ address }) => address);
}
