// The sink: an SMTP server in a separate process that accepts and counts all messages.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { serveTasks } from '../tasks.ts';
import { createArrivals } from './arrivals.ts';
import { createSession, GREETING } from './session.ts';

/** Options of the sink. They are its only argument, in JSON. */
export interface SinkOptions {
  /** How long the reply to each message is delayed. */
  readonly delayMs: number;
  /** Numbers of messages are below this. */
  readonly capacity: number;
}

const options = JSON.parse(process.argv[2] ?? '') as SinkOptions;
const arrivals = createArrivals(options.capacity);
const server = createServer({ noDelay: true }, socket => {
  socket.on(
    'data',
    createSession({
      delayMs: options.delayMs,
      onMessage: arrivals.note,
      write: replies => socket.write(replies, 'latin1'),
      hangUp: () => socket.end(),
    }),
  );
  // A killed gate resets its connections.
  socket.on('error', () => socket.destroy());
  socket.write(GREETING);
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address() as AddressInfo;
serveTasks(arrivals.collect, { port });
