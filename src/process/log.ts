import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** The log: one JSON object per line. Lines are buffered and written asynchronously. */
export interface Log {
  readonly logger: Logger;
  /** Number of lines that were dropped because the reader was too slow. */
  dropped(): number;
  /** Reports that the store works again. It logs this only if a failure of the store was logged before. */
  storeAnswers(): void;
  /** Writes the buffered lines. */
  close(): void;
}

export interface LogOptions {
  readonly level: string;
  /** Path of a file to append to; absent: standard error. */
  readonly file?: string;
}

const BUFFER_BYTES = 4_096;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const FLUSH_MS = 250;
const STDERR = 2;

/** Opens the log. If the reader is too slow, lines are dropped: delivery never waits for its log. */
export function openLog({ level, file }: LogOptions): Log {
  const destination = pino.destination({
    dest: file ?? STDERR,
    sync: false,
    append: true,
    mkdir: true,
    minLength: BUFFER_BYTES,
    maxLength: MAX_WAITING_BYTES,
    periodicFlush: FLUSH_MS,
  });
  let dropped = 0;
  let awaySince: number | undefined;
  destination.on('drop', () => {
    dropped += 1;
  });
  const logger = pino(
    {
      ...{ level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
      hooks: {
        logMethod(args, method) {
          if (!isAboutStore(args[0])) method.apply(this, args);
          else if (awaySince === undefined) {
            awaySince = Date.now();
            method.apply(this, [
              args[0],
              'the store cannot be used: further errors of this kind are not logged until it can be used again',
            ]);
          }
        },
      },
    },
    destination as DestinationStream,
  );
  return {
    logger,
    dropped: () => dropped,
    storeAnswers() {
      if (awaySince === undefined) return;
      const awayMs = Date.now() - awaySince;
      awaySince = undefined;
      logger.warn({ awayMs }, 'the store can be used again');
    },
    close: () => destination.flushSync(),
  };
}

/** Returns true for a line about an error of the store. When the store fails, each message logs such an error. */
function isAboutStore(fields: unknown): boolean {
  const error = typeof fields === 'object' && fields !== null && 'err' in fields ? fields.err : undefined;
  return error instanceof Error && 'code' in error && error.code === 'unavailable';
}
