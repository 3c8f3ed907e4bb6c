import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../gates/gate.ts';
import { watchChild } from '../programs/children.ts';
import { announce, needs } from '../programs/outside.ts';

// What is on disk of PostgreSQL's log at the moment of each acknowledgement, from the system calls of the server and the
// gate as one tracer saw them: no process goes on before its call has been written down, so cause comes before effect.

/** What the tracer saw; times are numbers of its lines, positions are bytes of the log (LSN). */
export interface WalTrace {
  /** When the 2xx to the request with a marker began to be written. */
  readonly acknowledgedAt: ReadonlyMap<string, number>;
  readonly writes: readonly WalWrite[];
}

interface WalWrite {
  readonly segment: string;
  readonly start: number;
  readonly bytes: Buffer;
  readonly writtenAt: number;
  /** When an fdatasync ended that had begun after the write; absent: never. */
  syncedAt?: number;
}

/** Its first byte, and the one after its last. */
export interface WalRecord {
  readonly start: number;
  readonly end: number;
}

const CALLS = 'trace=read,write,writev,pwrite64,fdatasync,fsync';
const SHOWN_BYTES = 1_000_000;
const ACKNOWLEDGEMENT = /HTTP\/1\.1 2\d\d /;
const SEGMENT_BYTES = 16 * 1024 * 1024;
const MARKER = /marker-\d+-\d+-end/;

/** Whether this machine lets us watch processes that run; announces the skip if not. */
export function canAttach(what: string): boolean {
  if (!needs(what, 'strace')) return false;
  if (process.getuid?.() === 0) return true;
  announce(`${what}: strace can be attached by root only`);
  return false;
}

export interface Tracer {
  /** What was seen, once it is stopped. */
  readonly trace: Promise<WalTrace>;
  stop(): Promise<void>;
}

/** Watches processes, all their threads and the children they get from now on. */
export async function traceWal(pids: readonly number[]): Promise<Tracer> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-wal-'));
  const pipe = join(folder, 'trace');
  await once(spawn('mkfifo', [pipe]), 'exit');
  const trace = watch(pipe);
  const options = ['-f', '-y', '-s', String(SHOWN_BYTES), '-e', CALLS, '-e', 'signal=none', '-o', pipe];
  const tracer = spawn('strace', [...options, ...pids.flatMap(pid => ['-p', String(pid)])], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  watchChild(tracer);
  let said = '';
  tracer.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(tracer, 'exit');
  // Or it has ended meanwhile, as connections do.
  const isTried = (pid: number) => new RegExp(`Process ${pid} attached|SEIZE, ${pid}\\)`).test(said);
  await until(() => pids.every(isTried), 'the tracer to be attached').catch(async error => {
    tracer.kill('SIGKILL');
    await ended;
    throw new Error(`strace said: ${said}`, { cause: error });
  });
  return {
    trace,
    async stop() {
      tracer.kill('SIGINT');
      await ended;
      await trace.catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The processes that a process has started. */
export function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** Whether a record of the log was on disk, as it is there in the end, at a time. */
export function wasOnDisk({ writes }: WalTrace, record: WalRecord, at: number): boolean {
  const own = writes.filter(({ start, bytes }) => start < record.end && start + bytes.length > record.start);
  const synced = own.filter(({ syncedAt = Number.POSITIVE_INFINITY }) => syncedAt < at);
  for (let position = record.start; position < record.end; position++) {
    const now = byteAt(own, position);
    if (now === undefined || byteAt(synced, position) !== now) return false;
  }
  return true;
}

/** A page is written again and again while it fills: what counts is the last time. */
function byteAt(writes: readonly WalWrite[], position: number): number | undefined {
  const last = writes.findLast(({ start, bytes }) => start <= position && position < start + bytes.length);
  return last?.bytes[position - last.start];
}

/** Reads the trace as it is made. A call during which another process made one has two lines. */
async function watch(pipe: string): Promise<WalTrace> {
  const seen = createObserver();
  const begun = new Map<string, string>();
  for await (const line of createInterface({ input: createReadStream(pipe, 'latin1') })) {
    const [, pid = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const [, rest] = /^<\.\.\. \w+ resumed>(.*)$/.exec(text) ?? [];
    const call =
      rest === undefined ? text.replace(/ <unfinished \.\.\.>$/, '') : (begun.get(pid) ?? '') + rest;
    seen.tick();
    if (rest === undefined) seen.begin(pid, call);
    if (call !== text && rest === undefined) begun.set(pid, call);
    else seen.end(pid, call);
  }
  return seen;
}

function createObserver() {
  const writes: WalWrite[] = [];
  let unsynced: WalWrite[] = [];
  const acknowledgedAt = new Map<string, number>();
  const asked = new Map<string, string>();
  const syncBegunAt = new Map<string, number>();
  let now = 0;
  return {
    ...{ writes, acknowledgedAt },
    tick() {
      now += 1;
    },
    begin(pid: string, call: string) {
      if (/^f(data)?sync\(/.test(call)) syncBegunAt.set(pid, now);
      const [, fd = ''] = /^writev?\((\d+)<socket/.exec(call) ?? [];
      const marker = asked.get(fd);
      if (marker === undefined || !ACKNOWLEDGEMENT.test(call)) return;
      asked.delete(fd);
      acknowledgedAt.set(marker, now);
    },
    end(pid: string, call: string) {
      const [, name = '', fd = '', segment = ''] =
        /^(\w+)\((\d+)<(?:socket|[^>]*\/pg_wal\/([0-9A-F]{24})>)/.exec(call) ?? [];
      const [marker] = MARKER.exec(call) ?? [];
      if (name === 'read' && marker !== undefined) asked.set(fd, marker);
      if (name === 'pwrite64' && segment !== '') {
        const write = { ...writeOf(segment, call), writtenAt: now };
        writes.push(write);
        unsynced.push(write);
      }
      if (!/^f(data)?sync$/.test(name) || !call.endsWith('= 0')) return;
      const isCovered = (write: WalWrite) =>
        write.segment === segment && write.writtenAt < (syncBegunAt.get(pid) ?? 0);
      for (const write of unsynced.filter(isCovered)) write.syncedAt = now;
      unsynced = unsynced.filter(write => !isCovered(write));
    },
  };
}

/** `pwrite64(5<…/pg_wal/000000010000000000000002>, "…", 8192, 16384) = 8192`: the segment is its number, in two halves. */
function writeOf(segment: string, call: string): Pick<WalWrite, 'segment' | 'start' | 'bytes'> {
  const [, text = '', offset = '', count = ''] = /, "(.*)", \d+, (\d+)\) += (\d+)$/.exec(call) ?? [];
  const bytes = Buffer.from(unescaped(text), 'latin1');
  if (bytes.length !== Number(count)) throw new Error(`The tracer did not show all of ${count} bytes.`);
  const [high = 0, low = 0] = [segment.slice(8, 16), segment.slice(16)].map(half =>
    Number.parseInt(half, 16),
  );
  return { segment, bytes, start: high * 2 ** 32 + low * SEGMENT_BYTES + Number(offset) };
}

const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' };

/** What the tracer wrote as C does. */
function unescaped(text: string): string {
  return text.replace(/\\(?:([0-7]{1,3})|(.))/g, (_, octal: string | undefined, letter = '') =>
    octal === undefined ? (LETTERS[letter] ?? letter) : String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
