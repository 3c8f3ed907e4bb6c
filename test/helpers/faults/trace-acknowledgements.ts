import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type RunningGate, startGate } from '../gates/gate.ts';
import { speakTo } from '../mail-servers/smtp-speaker.ts';

// Watches the system calls of a gate while it acknowledges messages: for each, the write of its bytes to the WAL, an
// fdatasync of the WAL, and only then the 2xx of HTTP or SMTP.

export interface TraceOptions {
  readonly messages: number;
  /** How they are handed in; absent: `http`. */
  readonly by?: 'http' | 'smtp';
  readonly root?: string;
}

export interface TraceReport {
  readonly acknowledged: number;
  /** Markers of messages whose 2xx came before their bytes were written and synced. */
  readonly early: readonly string[];
}

const CLIENTS = 8;
/** Enough of every page for the marker to be seen. */
const SHOWN_BYTES = 20_000;
const ACKNOWLEDGEMENT = /HTTP\/1\.1 200|250 2\.0\.0 Ok: queued as/;

export async function traceAcknowledgements({
  messages,
  by = 'http',
  root,
}: TraceOptions): Promise<TraceReport> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-trace-'));
  const pipe = join(folder, 'trace');
  await once(spawn('mkfifo', [pipe]), 'exit');
  const watching = watch(pipe);
  const calls = 'trace=read,write,writev,pwrite64,fdatasync,fsync';
  // -D: the gate is our child, not the tracer's. Its main thread is the one that reads, writes and syncs.
  const wrapper = [
    'strace',
    '-D',
    '-y',
    '-s',
    String(SHOWN_BYTES),
    '-e',
    calls,
    '-e',
    'signal=none',
    '-o',
    pipe,
  ];
  const gate = await startGate({ wrapper, ...(root !== undefined && { root }) });
  const sendAll = by === 'http' ? sendByHttp : sendBySmtp;
  await Promise.all(
    Array.from({ length: CLIENTS }, (_, client) => sendAll(gate, client, messages / CLIENTS)),
  );
  await gate.stop();
  const report = await watching;
  rmSync(folder, { recursive: true, force: true });
  return report;
}

async function sendByHttp(gate: RunningGate, client: number, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const body = JSON.stringify({
      from: 'a@sender.test',
      to: 'b@rcpt.test',
      text: `marker-${client}-${n}-end`,
    });
    const reply = await fetch(`${gate.http}/messages`, { method: 'POST', body });
    if (reply.status !== 200) throw new Error(`The gate answered ${reply.status}: ${await reply.text()}`);
    await reply.arrayBuffer();
  }
}

async function sendBySmtp(gate: RunningGate, client: number, count: number): Promise<void> {
  const speaker = await speakTo({ port: Number(gate.smtp.split(':').at(-1)) });
  await speaker.reply();
  const login = Buffer.from(`\0test\0${gate.key}`).toString('base64');
  const header = 'From: a@sender.test\r\nTo: b@rcpt.test\r\n\r\n';
  for (const line of ['EHLO client.test', `AUTH PLAIN ${login}`]) await speaker.ask(line);
  for (let n = 0; n < count; n++) {
    for (const line of ['MAIL FROM:<a@sender.test>', 'RCPT TO:<b@rcpt.test>', 'DATA'])
      await speaker.ask(line);
    const reply = await speaker.ask(`${header}marker-${client}-${n}-end\r\n.`);
    if (!reply.startsWith('250 ')) throw new Error(`The gate answered ${reply}`);
  }
  speaker.cut();
}

/** Reads the trace as it is made, and judges every acknowledgement. */
async function watch(pipe: string): Promise<TraceReport> {
  const written = new Set<string>();
  const synced = new Set<string>();
  const asked = new Map<string, string>();
  const early: string[] = [];
  let acknowledged = 0;
  for await (const line of createInterface({ input: createReadStream(pipe, 'latin1') })) {
    const call = /(read|writev?|pwrite64|f(?:data)?sync)\((\d+)<([^>]*)>/.exec(line);
    const [, name = '', fd = '', target = ''] = call ?? [];
    const isWal = target.endsWith('-wal');
    if (name === 'pwrite64' && isWal) for (const marker of markersIn(line)) written.add(marker);
    else if (name.endsWith('sync') && isWal) for (const marker of written) synced.add(marker);
    else if (name === 'read' && target.includes('socket'))
      for (const marker of markersIn(line)) asked.set(fd, marker);
    else if (name.startsWith('write') && ACKNOWLEDGEMENT.test(line)) {
      const marker = asked.get(fd);
      if (marker === undefined) continue;
      asked.delete(fd);
      acknowledged += 1;
      if (!synced.has(marker)) early.push(marker);
    }
  }
  return { acknowledged, early };
}

function markersIn(line: string): string[] {
  return line.match(/marker-\d+-\d+-end/g) ?? [];
}
