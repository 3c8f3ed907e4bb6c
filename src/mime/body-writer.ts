import type { Frame } from './frame.ts';
import type { HeaderWriter } from './header-writer.ts';
import type { Output } from './output.ts';

/** Encoded octets of a file with a known length. They are written directly into the finished message. */
export interface Insert {
  /** Offset in the output. */
  readonly at: number;
  readonly length: number;
  readonly write: (target: Buffer, start: number) => void;
}

/** The state of writing the parts of one message. */
export interface BodyWriter {
  readonly header: HeaderWriter;
  readonly out: Output;
  /** Memory for the text that is being encoded. */
  readonly scratch: Output;
  readonly frame: Frame;
  readonly inserts: Insert[];
  /** Number of multiparts so far. Each one has its own boundary. */
  multiparts: number;
  hasEightBit: boolean;
}

/** Creates a writer that continues after the header. */
export function createBodyWriter(header: HeaderWriter, scratch: Output, frame: Frame): BodyWriter {
  return { header, out: header.out, scratch, frame, inserts: [], multiparts: 0, hasEightBit: false };
}
