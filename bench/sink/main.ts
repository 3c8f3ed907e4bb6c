// The sink, a process of its own: an SMTP server that takes everything and counts.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { serveTasks } from '../tasks.ts';
import { createArrivals } from './arrivals.ts';
import { createSession, GREETING } from './session.ts';

/** How the sink is started, as its only argument, in JSON. */
export interface SinkOptions {
  /** How long the reply to each message is held back. */
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
  // A gate that was killed resets its connections.
  socket.on('error', () => socket.destroy());
  socket.write(GREETING);
});
await once(server.listen(0, '127.0.0.1'), 'listening');
const { port } = server.address() as AddressInfo;
serveTasks(arrivals.collect, { port });
