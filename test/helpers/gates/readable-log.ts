import pino from 'pino';
import type { Logger } from '../../../src/process/log.ts';

/** A log whose lines the test can read, as the objects they are. */
export interface ReadableLog {
  readonly logger: Logger;
  /** What was logged so far, of every level. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

export function createReadableLog(): ReadableLog {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  return { logger: pino({ level: 'trace', base: null }, { write }), lines };
}
