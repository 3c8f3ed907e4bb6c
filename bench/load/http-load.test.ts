import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { PLACEHOLDER } from '../stamp.ts';
import { type LoadTask, loadHttp } from './http-load.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<LoadTask> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const request = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${PLACEHOLDER.length}\r\n\r\n${PLACEHOLDER}`;
  return {
    targets: [{ host: '127.0.0.1', port, request: Buffer.from(request) }],
    connections: 4,
    first: 100,
    count: 50,
    timeoutMs: 10_000,
  };
}

test('each message is sent once with its own number over the given number of connections', async () => {
  const bodies: string[] = [];
  const ports = new Set<number | undefined>();
  const task = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    request.setEncoding('utf8').on('data', body => bodies.push(body));
    request.on('end', () => response.writeHead(200, { 'Content-Length': 0 }).end());
  });
  const result = await loadHttp(task);
  expect(bodies.sort()).toEqual(Array.from({ length: 50 }, (_, i) => `00000${100 + i}`));
  expect(ports.size).toBe(4);
  expect(result.accepted).toEqual(new Uint8Array(50).fill(1));
  expect(result.endedAt).toBeGreaterThan(result.startedAt);
  expect(result.maxMs).toBeGreaterThanOrEqual(result.p50Ms);
});

test('a refused message is not counted as accepted, and the reply is kept', async () => {
  const task = await serve((request, response) => {
    request.setEncoding('utf8').on('data', body => {
      const isRefused = body === '00000107';
      const reply = isRefused ? 'queue is full' : '{}';
      response.writeHead(isRefused ? 503 : 202, { 'Content-Length': reply.length }).end(reply);
    });
  });
  const { accepted, refusal } = await loadHttp({ ...task, connections: 1 });
  expect([...accepted.entries()].filter(([, isAccepted]) => isAccepted === 0)).toEqual([[7, 0]]);
  expect(refusal).toMatch(/^HTTP\/1\.1 503 .*queue is full$/s);
});

test('connections are spread over all targets', async () => {
  const counts = [0, 0];
  const tasks = await Promise.all(
    [0, 1].map(i =>
      serve((request, response) => {
        counts[i] = (counts[i] ?? 0) + 1;
        request.resume().on('end', () => response.writeHead(200, { 'Content-Length': 0 }).end());
      }),
    ),
  );
  const [task = await serve(() => {})] = tasks;
  const { accepted } = await loadHttp({ ...task, targets: tasks.flatMap(({ targets }) => targets) });
  expect(accepted).toEqual(new Uint8Array(50).fill(1));
  expect(Math.min(...counts)).toBeGreaterThan(0);
});

test('a reply in several chunks is reassembled', async () => {
  const task = await serve((request, response) => {
    request.resume().on('end', () => {
      response.socket?.write('HTTP/1.1 200 OK\r\nContent-', () =>
        response.socket?.write('Length: 2\r\n\r\nok'),
      );
    });
  });
  expect((await loadHttp({ ...task, connections: 1, count: 1 })).accepted).toEqual(Uint8Array.of(1));
});

test('the load fails if the gate closes a connection or does not respond', async () => {
  const closing = await serve(request => request.socket.destroy());
  await expect(loadHttp(closing)).rejects.toThrow('connection');
  const silent = await serve(() => {});
  await expect(loadHttp({ ...silent, timeoutMs: 50 })).rejects.toThrow('50 requests were not answered');
});

test('the load fails if nothing listens on the port', async () => {
  const task = await serve(() => {});
  await new Promise(resolve => servers.pop()?.close(resolve));
  await expect(loadHttp(task)).rejects.toThrow('ECONNREFUSED');
});
