import { type Child, startChild } from './child.ts';
import { type Gate, startGate } from './gate.ts';
import { createJob, PATHS } from './job.ts';
import type { LoadResult, LoadTask } from './load/http-load.ts';
import type { BenchOptions } from './options.ts';
import { type Reference, startReference } from './reference.ts';
import type { Collected, CollectTask } from './sink/arrivals.ts';
import type { SinkOptions } from './sink/main.ts';

/** All processes of a run. */
export interface Rig {
  readonly gate: Gate;
  readonly load: Child<object, LoadTask, LoadResult>;
  readonly sink: Child<{ readonly port: number }, CollectTask, Collected>;
  readonly reference: Reference;
  /** One request, with placeholders for the number of its message. */
  readonly request: Buffer;
  /** Ends everything at once. */
  stop(): Promise<void>;
}

const LOAD = new URL('./load/main.ts', import.meta.url);
const SINK = new URL('./sink/main.ts', import.meta.url);

/** Starts sink, gate and load generator; what fails on the way is ended again. */
export async function startRig(options: BenchOptions): Promise<Rig> {
  const opened: (() => void | Promise<void>)[] = [];
  async function stop(): Promise<void> {
    for (const close of opened.splice(0).reverse()) await close();
  }
  try {
    const sink = await startSink(options);
    opened.push(sink.stop);
    const load = await startChild<object, LoadTask, LoadResult>(LOAD, []);
    opened.push(load.stop);
    const gate = await startGate({ folder: options.folder, sinkPort: sink.ready.port });
    opened.push(gate.remove);
    const reference = await startReference();
    opened.push(reference.stop);
    return { gate, load, sink, reference, request: await createRequest(options, gate), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startSink({ delayMs, messages, rounds }: BenchOptions): Promise<Rig['sink']> {
  const options: SinkOptions = { delayMs, capacity: messages * (rounds + 1) };
  return startChild(SINK, [JSON.stringify(options)]);
}

/** POST /messages asks clients on the same machine for no key, /v1 always does. */
async function createRequest({ api, hasAttachment }: BenchOptions, gate: Gate): Promise<Buffer> {
  const body = createJob(hasAttachment);
  const head = [
    `POST ${PATHS[api]} HTTP/1.1`,
    `Host: ${gate.host}:${gate.port}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    ...(api === 'v1' ? [`Authorization: Bearer ${await gate.createKey()}`] : []),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}
