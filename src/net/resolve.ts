import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Returns the addresses of a host in the order to try. An IP address gives itself. Rejects when there is none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Asks the operating system, with its hosts file and its preferences. */
export const resolveHost: Resolve = async host => {
  if (isIP(host) !== 0) return [host];
  return alternate(await lookup(host, { all: true }));
};

/** RFC 8305 4: alternates the address families, so that a family without a route costs one attempt and not all. */
function alternate(found: readonly { address: string; family: number }[]): readonly string[] {
  const preferred = found.filter(({ family }) => family === found[0]?.family);
  const others = found.filter(({ family }) => family !== found[0]?.family);
  const ordered = preferred.flatMap((entry, i) => [entry, ...others.slice(i, i + 1)]);
  return [...ordered, ...others.slice(preferred.length)].map(({ address }) => address);
}
