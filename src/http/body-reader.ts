import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../core/errors.ts';

/** Reads whole bodies. Each body has a limit, and all bodies together have one. */
export interface BodyReader {
  /** Rejects with `too_large`, `unsupported`, `unavailable`, or with `malformed` for a truncated body. Call `release` after use. */
  read(request: IncomingMessage, response: ServerResponse, limitBytes: number): Promise<Buffer>;
  /** Frees the memory that is counted for a body. */
  release(body: Buffer): void;
}

/** How much of a refused body a client may still send before its connection is closed. */
const UNWANTED_BYTES = 64 * 1024 * 1024;
const UNWANTED_MS = 10_000;
const EMPTY = Buffer.alloc(0);

/** Holds at most `maxHeldBytes` of bodies at once, so that many large ones cannot use all memory. */
export function createBodyReader(maxHeldBytes: number): BodyReader {
  let heldBytes = 0;

  function read(request: IncomingMessage, response: ServerResponse, limitBytes: number): Promise<Buffer> {
    const { headers } = request;
    const length = headers['content-length'];
    if (length === '0' || (length === undefined && headers['transfer-encoding'] === undefined)) {
      return Promise.resolve(EMPTY);
    }
    const refusal = refusalOf(headers['content-encoding'], Number(length ?? 0), limitBytes);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
    return collect(request, limitBytes);
  }

  function collect(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const stop = () => {
        request.off('data', onData).off('end', onEnd).off('close', onClose);
      };
      const refuse = (error: AppError) => {
        stop();
        heldBytes -= bytes;
        reject(error);
      };
      const onData = (chunk: Buffer) => {
        bytes += chunk.length;
        heldBytes += chunk.length;
        if (bytes > limitBytes) refuse(tooLarge(limitBytes));
        else if (heldBytes > maxHeldBytes) refuse(busy());
        else chunks.push(chunk);
      };
      const onEnd = () => {
        stop();
        resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes));
      };
      const onClose = () => refuse(new AppError('malformed', 'The request ended before its body did.'));
      request.on('data', onData).on('end', onEnd).on('close', onClose);
    });
  }

  return {
    read,
    release(body) {
      heldBytes -= body.length;
    },
  };
}

/** Reads and drops the rest of a refused body, so that the client reads the answer instead of a connection reset. */
export function discardBody(request: IncomingMessage): void {
  if (request.complete || request.readableEnded || request.destroyed) return;
  let leftBytes = UNWANTED_BYTES;
  // Destroys the request and with it the connection. An injected request has no socket.
  const cut = () => request.destroy();
  const timer = setTimeout(cut, UNWANTED_MS).unref();
  request.on('data', (chunk: Buffer) => {
    leftBytes -= chunk.length;
    if (leftBytes < 0) cut();
  });
  request.on('close', () => clearTimeout(timer));
}

function refusalOf(encoding: string | undefined, length: number, limitBytes: number): AppError | undefined {
  if (length > limitBytes) return tooLarge(limitBytes);
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return undefined;
  return new AppError(
    'unsupported',
    `Content-Encoding ${JSON.stringify(encoding)} is not supported; send the body as it is.`,
  );
}

function tooLarge(limitBytes: number): AppError {
  return new AppError('too_large', `The body is larger than ${limitBytes} bytes.`);
}

function busy(): AppError {
  return new AppError(
    'unavailable',
    'Too many large requests are in progress. Nothing was accepted; try again later.',
    {
      retryAfterSeconds: 1,
    },
  );
}
