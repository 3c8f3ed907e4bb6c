import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type buildConnector, Client } from 'undici';
import type { Dial } from '../../net/dial.ts';
import { errorText } from '../../net/error-text.ts';

/** What a post came to. */
export type Posted =
  | { readonly kind: 'taken' }
  /** The receiver wants no more of them: 410. */
  | { readonly kind: 'gone' }
  /** To be tried again; when the receiver said so, not before `retryAfterMs`. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number };

/** Posts to one URL, over a connection that is kept while it works. */
export interface Poster {
  /** Never rejects. */
  post(headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Posted>;
  close(): Promise<void>;
}

export interface PosterOptions {
  /** The only way to the network: for URLs of strangers, a guarded one. */
  readonly dial: Dial;
  /** Whether the operator allows clear text to a host. */
  readonly allowsHttp: (host: string) => boolean;
  /** PEM of the certification authorities to trust; absent: the system's. */
  readonly ca?: string;
  /** For one post altogether. */
  readonly timeoutMs: number;
}

const DNS_TIMEOUT_MS = 5_000;
const LARGEST_ANSWER = 64 * 1024;
const LONGEST_RETRY_AFTER_S = 3_600;

/** A poster for a URL. Redirects are not followed, and what is answered is not read but for its status. */
export function createPoster(url: URL, options: PosterOptions): Poster {
  let client: Client | undefined;

  async function closeClient(): Promise<void> {
    const old = client;
    client = undefined;
    await old?.destroy();
  }

  return {
    close: closeClient,
    async post(headers, body, signal) {
      if (!isAllowed(url, options)) return { kind: 'failed', reason: 'only https: is allowed to this host' };
      client ??= new Client(url.origin, { connect: connectorOf(options), pipelining: 1 });
      const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
      try {
        const path = url.pathname + url.search;
        const answer = await client.request({ method: 'POST', path, headers, body, signal: limit });
        await answer.body.dump({ limit: LARGEST_ANSWER, signal: limit });
        return meaningOf(answer.statusCode, answer.headers['retry-after']);
      } catch (error) {
        // What is left of the connection is not to be trusted.
        await closeClient();
        return {
          kind: 'failed',
          reason: limit.aborted ? `no answer within ${options.timeoutMs} ms` : errorText(error),
        };
      }
    },
  };
}

function isAllowed(url: URL, { allowsHttp }: PosterOptions): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && allowsHttp(hostOf(url.hostname)));
}

function meaningOf(status: number, retryAfter: string | string[] | undefined): Posted {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (status === 410) return { kind: 'gone' };
  const seconds = Math.min(Number(retryAfter), LONGEST_RETRY_AFTER_S);
  return {
    kind: 'failed',
    reason: `status ${status}`,
    ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }),
  };
}

/** Opens connections by the dialer, and by nothing else. */
function connectorOf(options: PosterOptions): buildConnector.connector {
  return ({ hostname, port, protocol }, callback) => {
    const isTls = protocol === 'https:';
    open({ host: hostOf(hostname), port: Number(port || (isTls ? 443 : 80)), isTls }, options).then(
      socket => callback(null, socket),
      error => callback(error, null),
    );
  };
}

async function open(
  { host, port, isTls }: { readonly host: string; readonly port: number; readonly isTls: boolean },
  { dial, ca, timeoutMs }: PosterOptions,
): Promise<Socket> {
  const limits = { dnsTimeoutMs: DNS_TIMEOUT_MS, connectTimeoutMs: timeoutMs };
  const dialed = await dial({ host, port, ...limits, signal: AbortSignal.timeout(timeoutMs) });
  if (!dialed.ok) throw new Error(dialed.error);
  return isTls ? secure(dialed.socket, { host, ca, timeoutMs }) : dialed.socket;
}

/** TLS for the name in the URL, whatever address was dialled; verified. */
async function secure(
  socket: Socket,
  {
    host,
    ca,
    timeoutMs,
  }: { readonly host: string; readonly ca: string | undefined; readonly timeoutMs: number },
): Promise<Socket> {
  // RFC 6066 3: an address is no server name.
  const servername = isIP(host) === 0 ? host : '';
  const tls = connectTls({ socket, host, servername, ...(ca !== undefined && { ca }) });
  try {
    await once(tls, 'secureConnect', { signal: AbortSignal.timeout(timeoutMs) });
    return tls;
  } catch (error) {
    tls.on('error', () => {});
    tls.destroy();
    socket.destroy();
    throw error;
  }
}

/** Without the brackets of an IPv6 literal. */
function hostOf(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
