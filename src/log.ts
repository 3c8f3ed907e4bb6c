import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** The log: one JSON object per line, written behind the work that it reports. */
export interface Log {
  readonly logger: Logger;
  /** Lines that were dropped because their reader was too slow. */
  dropped(): number;
  /** Writes out what waits. */
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

/** Opens the log. A slow reader makes it drop lines, never wait: mail does not stand still for its log. */
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
  destination.on('drop', () => {
    dropped += 1;
  });
  return {
    logger: pino(
      { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
      destination as DestinationStream,
    ),
    dropped: () => dropped,
    close: () => destination.flushSync(),
  };
}
