import { createDeadline } from '../net/deadline.ts';
import { createDataReader } from './data-reader.ts';
import type { LineSplitter } from './line-splitter.ts';
import { createMessageBuffer, type MessageBuffer } from './message-memory.ts';
import type { ServerSocket, StopReason } from './server-socket.ts';
import type { SmtpContext } from './smtp-context.ts';
import { reply, type SmtpReply } from './smtp-reply.ts';

/** How much is read beyond the size limit, so that the client can read the reply. Then the connection is closed. */
const UNWANTED_BYTES = 64 * 1024 * 1024;

/** The parts of a served connection that reading a message needs. */
interface Connection {
  readonly socket: ServerSocket;
  readonly lines: LineSplitter;
  readonly context: SmtpContext;
}

/** Reads the message after the 354 reply and returns the reply to its end. Returns a reason when the end did not arrive. */
export async function receiveMessage(
  connection: Connection,
  accept: (mime: Buffer) => Promise<SmtpReply>,
): Promise<SmtpReply | StopReason | 'far-too-large'> {
  const { context } = connection;
  const buffer = createMessageBuffer(context.memory, context.maxMessageBytes);
  try {
    const read = await readToEnd(connection, buffer);
    if ('reason' in read) return read.reason;
    const result = buffer.result();
    if (result === 'too-large')
      return reply(552, '5.3.4', `The message is larger than the limit of ${context.maxMessageBytes} octets`);
    if (read.isBad) return reply(550, '5.6.11', 'The message contains a bare CR, a bare LF or a NUL');
    if (result === 'no-memory')
      return reply(452, '4.3.1', 'Too many messages are being received; try again later');
    return await accept(result);
  } finally {
    buffer.release();
  }
}

async function readToEnd(
  { socket, lines, context: { timeouts, maxMessageBytes } }: Connection,
  buffer: MessageBuffer,
): Promise<{ readonly isBad: boolean } | { readonly reason: StopReason | 'far-too-large' }> {
  const { dataWindowMs, dataWindowBytes } = timeouts;
  const reader = createDataReader(buffer.add);
  const deadline = createDeadline(() => socket.stop('timeout'));
  deadline.set(dataWindowMs);
  let inWindow = 0;
  try {
    for (let chunk: Buffer | StopReason = lines.takeRest(); ; chunk = await socket.read()) {
      if (typeof chunk === 'string') return { reason: chunk };
      const rest = reader.push(chunk);
      if (rest !== undefined) {
        lines.push(rest);
        return { isBad: reader.hasBadOctets() };
      }
      if (buffer.size() > maxMessageBytes + UNWANTED_BYTES) return { reason: 'far-too-large' };
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
