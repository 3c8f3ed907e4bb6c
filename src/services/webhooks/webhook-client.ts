import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type buildConnector, Client } from 'undici';
import type { Dial } from '../../net/dial.ts';
import { errorText } from '../../net/error-text.ts';

/** The result of one POST request. */
export type PostResult =
  | { readonly kind: 'accepted' }
  /** The receiver wants no more events: status 410. */
  | { readonly kind: 'gone' }
  /** The request must be repeated. `retryAfterMs`: the receiver's Retry-After, if it sent one. */
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number };

/** Posts to one URL. It keeps the connection open until an error. */
export interface WebhookClient {
  /** Never rejects. */
  post(headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<PostResult>;
  close(): Promise<void>;
}

export interface WebhookClientOptions {
  /** Opens all connections. It must refuse internal addresses, because accounts choose the URLs. */
  readonly dial: Dial;
  /** Returns true if the configuration allows `http:` to this host. */
  readonly allowsHttp: (host: string) => boolean;
  /** PEM of the certificate authorities to trust; absent: those of the system. */
  readonly ca?: string;
  /** The longest time of one request with its reply. */
  readonly timeoutMs: number;
}

const DNS_TIMEOUT_MS = 5_000;
const MAX_REPLY_BYTES = 64 * 1024;
const MAX_RETRY_AFTER_S = 3_600;

/** Does not follow redirects. Of the reply it uses only the status and Retry-After. */
export function createWebhookClient(url: URL, options: WebhookClientOptions): WebhookClient {
  let client: Client | undefined;

  async function closeClient(): Promise<void> {
    const old = client;
    client = undefined;
    await old?.destroy();
  }

  return {
    close: closeClient,
    async post(headers, body, signal) {
      if (!isAllowed(url, options))
        return { kind: 'failed', reason: 'the URL must use https: for this host' };
      client ??= new Client(url.origin, { connect: connectorOf(options), pipelining: 1 });
      const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
      try {
        const path = url.pathname + url.search;
        const reply = await client.request({ method: 'POST', path, headers, body, signal: limit });
        await reply.body.dump({ limit: MAX_REPLY_BYTES, signal: limit });
        return resultOf(reply.statusCode, reply.headers['retry-after']);
      } catch (error) {
        // The state of the connection is unknown: open a new one for the next request.
        await closeClient();
        return {
          kind: 'failed',
          reason: limit.aborted ? `no reply within ${options.timeoutMs} ms` : errorText(error),
        };
      }
    },
  };
}

function isAllowed(url: URL, { allowsHttp }: WebhookClientOptions): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && allowsHttp(hostOf(url.hostname)));
}

function resultOf(status: number, retryAfter: string | string[] | undefined): PostResult {
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status === 410) return { kind: 'gone' };
  const seconds = Math.min(Number(retryAfter), MAX_RETRY_AFTER_S);
  return {
    kind: 'failed',
    reason: `status ${status}`,
    ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }),
  };
}

/** Connects undici through the dialer. */
function connectorOf(options: WebhookClientOptions): buildConnector.connector {
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
  { dial, ca, timeoutMs }: WebhookClientOptions,
): Promise<Socket> {
  const limits = { dnsTimeoutMs: DNS_TIMEOUT_MS, connectTimeoutMs: timeoutMs };
  const dialed = await dial({ host, port, ...limits, signal: AbortSignal.timeout(timeoutMs) });
  if (!dialed.ok) throw new Error(dialed.error);
  return isTls ? secure(dialed.socket, { host, ca, timeoutMs }) : dialed.socket;
}

/** Starts TLS and verifies the certificate for the host name of the URL, not for the address. */
async function secure(
  socket: Socket,
  {
    host,
    ca,
    timeoutMs,
  }: { readonly host: string; readonly ca: string | undefined; readonly timeoutMs: number },
): Promise<Socket> {
  // RFC 6066, section 3: an IP address must not be sent as server name.
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

/** Removes the brackets of an IPv6 literal. */
function hostOf(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
