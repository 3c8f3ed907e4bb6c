import { createDeadline } from '../net/deadline.ts';
import { createDataReader } from './data-reader.ts';
import { type Collector, createCollector } from './held-bytes.ts';
import type { LineSplitter } from './line-splitter.ts';
import type { Halt, ServerSocket } from './server-socket.ts';
import type { SmtpContext } from './smtp-context.ts';
import { reply, type SmtpReply } from './smtp-reply.ts';

/** What is read of a message that is too large already, so that its sender hears why; then it is cut off. */
const UNWANTED_BYTES = 64 * 1024 * 1024;

/** Reads the message behind a 354 to its end and answers it; otherwise why the end did not come. */
export async function receiveMessage(
  wire: ServerSocket,
  lines: LineSplitter,
  context: SmtpContext,
  accept: (mime: Buffer) => Promise<SmtpReply>,
): Promise<SmtpReply | Halt | 'endless'> {
  const collector = createCollector(context.held, context.maxMessageBytes);
  try {
    const read = await readToEnd(wire, lines, context, collector);
    if ('halt' in read) return read.halt;
    const result = collector.result();
    if (result === 'too-large')
      return reply(552, '5.3.4', `At most ${context.maxMessageBytes} octets are accepted`);
    if (read.isBad) return reply(550, '5.6.11', 'Bare CR, bare LF or NUL in the message');
    if (result === 'no-room') return reply(452, '4.3.1', 'Too much mail at once; try again');
    return await accept(result);
  } finally {
    collector.release();
  }
}

async function readToEnd(
  wire: ServerSocket,
  lines: LineSplitter,
  { timeouts, maxMessageBytes }: SmtpContext,
  collector: Collector,
): Promise<{ readonly isBad: boolean } | { readonly halt: Halt | 'endless' }> {
  const { dataWindowMs, dataWindowBytes } = timeouts;
  const reader = createDataReader(collector.add);
  const deadline = createDeadline(() => wire.halt('late'));
  deadline.set(dataWindowMs);
  let inWindow = 0;
  try {
    for (let chunk: Buffer | Halt = lines.takeRest(); ; chunk = await wire.read()) {
      if (typeof chunk === 'string') return { halt: chunk };
      const rest = reader.push(chunk);
      if (rest !== undefined) {
        lines.push(rest);
        return { isBad: reader.hasBadOctets() };
      }
      if (collector.size() > maxMessageBytes + UNWANTED_BYTES) return { halt: 'endless' };
      inWindow += chunk.length;
      if (inWindow >= dataWindowBytes) {
        inWindow = 0;
        deadline.set(dataWindowMs);
      }
    }
  } finally {
    deadline.clear();
  }
}
