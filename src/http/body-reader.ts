import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../core/errors.ts';

/** Reads whole bodies, within a limit for each and one for all of them together. */
export interface BodyReader {
  /** Rejects with `too_large`, `unsupported`, `unavailable`, or `malformed` when it ends early. Call `release` afterwards. */
  read(request: IncomingMessage, response: ServerResponse, limitBytes: number): Promise<Buffer>;
  /** Says that a body that was read is no longer held. */
  release(body: Buffer): void;
}

/** What a client may still send of a body that we do not want, before its connection is cut. */
const UNWANTED_BYTES = 64 * 1024 * 1024;
const UNWANTED_MS = 10_000;
const EMPTY = Buffer.alloc(0);

/** Holds at most `maxHeldBytes` of bodies at once, so that many large ones cannot take all the memory. */
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

/** Lets a client that was refused finish talking, so that it reads our answer instead of a reset; within bounds. */
export function discardBody(request: IncomingMessage): void {
  if (request.complete || request.readableEnded || request.destroyed) return;
  let leftBytes = UNWANTED_BYTES;
  // Takes the connection with it, and is there for an injected request too, which has none.
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
  return new AppError('unavailable', 'Too many large requests at once; nothing was accepted.', {
    retryAfterSeconds: 1,
  });
}
