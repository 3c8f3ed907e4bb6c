import type { Frame } from './frame.ts';
import type { HeaderWriter } from './header-writer.ts';
import type { Output } from './output.ts';

/** A stretch of known length that is written straight into the finished message: the encoded octets of a file. */
export interface Insert {
  /** Where in the output it belongs. */
  readonly at: number;
  readonly length: number;
  readonly write: (target: Buffer, start: number) => void;
}

/** Where the parts of one message are written, and what is found on the way. */
export interface BodyWriter {
  readonly header: HeaderWriter;
  readonly out: Output;
  /** Scratch for the text being encoded. */
  readonly scratch: Output;
  readonly frame: Frame;
  readonly inserts: Insert[];
  /** Multiparts begun so far: each has a boundary of its own. */
  multiparts: number;
  hasEightBit: boolean;
}

/** A writer that goes on where the header stands. */
export function createBodyWriter(header: HeaderWriter, scratch: Output, frame: Frame): BodyWriter {
  return { header, out: header.out, scratch, frame, inserts: [], multiparts: 0, hasEightBit: false };
}
