import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DialectReply } from '../dialects/dialect.ts';
import { discardBody } from './body-reader.ts';

/** Writes a reply. `isLast` adds "Connection: close". Does nothing if the client has disconnected. */
export async function writeReply(
  raw: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: DialectReply,
  isLast: boolean,
): Promise<void> {
  if (response.destroyed || response.headersSent) return;
  const isStream = typeof body === 'object' && !Buffer.isBuffer(body);
  const length = body === undefined || isStream ? 0 : Buffer.byteLength(body);
  response.writeHead(status, {
    ...headers,
    ...(status !== 204 && !isStream && { 'content-length': length }),
    ...(isLast && { connection: 'close' }),
  });
  if (!isStream) response.end(body);
  else await writePieces(response, raw.method === 'HEAD' ? [] : body);
  if (!raw.complete) discardBody(raw);
}

/** Writes the pieces at the pace of the client, until they end or the client disconnects. */
async function writePieces(
  response: ServerResponse,
  pieces: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}
