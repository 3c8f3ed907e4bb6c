import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { MessageId, ProviderId } from '../../core/message.ts';
import type { Reply } from '../../core/outcome.ts';
import type { LeaseId, WireFact, WireJournal } from '../store.ts';

// The wire journal of one incarnation: plain appends without fsync, so that they survive the process and cost a
// microsecond, but not the machine (decisions.md 1). Files `wire-<lease>-<segment>.journal`, one JSON line an entry.
// A segment goes once nothing in it is under way any more.

const SEGMENT_BYTES = 4 * 1024 * 1024;

interface DotEntry {
  readonly dot: MessageId;
  readonly attempt: number;
  readonly provider: ProviderId;
  readonly indexes: readonly number[];
  readonly refused: readonly (Reply | null)[];
}

interface ReplyEntry {
  readonly replied: MessageId;
  readonly attempt: number;
  readonly reply: Reply;
}

/** The journal as the engine uses it. */
export interface WireJournalFile extends WireJournal {
  /** Called once the end of a message's lease is committed: its entries are no longer needed. */
  forget(id: MessageId): void;
  /** Closes and removes the files; for an orderly end, when nothing is leased. */
  remove(): void;
  /** Closes the files and leaves them. */
  close(): void;
}

interface Segment {
  readonly path: string;
  readonly fd: number;
  readonly live: Set<MessageId>;
  bytes: number;
}

export function createWireJournal(folder: string, lease: LeaseId): WireJournalFile {
  let count = 0;
  const segments: Segment[] = [];
  let current = openSegment();

  function openSegment(): Segment {
    const path = join(folder, `wire-${lease}-${++count}.journal`);
    const segment: Segment = { path, fd: openSync(path, 'a', 0o600), live: new Set(), bytes: 0 };
    segments.push(segment);
    return segment;
  }

  function append(id: MessageId, entry: DotEntry | ReplyEntry): void {
    if (current.bytes > SEGMENT_BYTES) startOver();
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    const written = writeSync(current.fd, line);
    current.bytes += written;
    if (written < line.length) throw new Error('The wire journal could not be written: no space left.');
    current.live.add(id);
  }

  function startOver(): void {
    if (current.live.size > 0) {
      current = openSegment();
      return;
    }
    ftruncateSync(current.fd);
    current.bytes = 0;
  }

  function drop(segment: Segment): void {
    closeSync(segment.fd);
    rmSync(segment.path, { force: true });
    segments.splice(segments.indexOf(segment), 1);
  }

  return {
    dot({ id, attempt, provider, indexes, refused }) {
      append(id, {
        dot: id,
        attempt,
        provider,
        indexes,
        refused: Array.from(refused, reply => reply ?? null),
      });
    },
    replied({ id, attempt, reply }) {
      append(id, { replied: id, attempt, reply });
    },
    forget(id) {
      for (const segment of [...segments]) {
        segment.live.delete(id);
        if (segment !== current && segment.live.size === 0) drop(segment);
      }
    },
    remove() {
      for (const segment of [...segments]) drop(segment);
    },
    close() {
      for (const segment of segments) closeSync(segment.fd);
    },
  };
}

/** What the journal of a dead incarnation says, by message; undefined when there is no such journal. */
export function readWireJournal(folder: string, lease: LeaseId): Map<MessageId, WireFact[]> | undefined {
  const files = journalFiles(folder, lease);
  if (files.length === 0) return undefined;
  const facts = new Map<MessageId, WireFact[]>();
  for (const file of files) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) addFact(facts, line);
  }
  return facts;
}

/** Removes the journal of an incarnation that holds nothing any more. */
export function removeWireJournal(folder: string, lease: LeaseId): void {
  for (const file of journalFiles(folder, lease)) rmSync(join(folder, file), { force: true });
}

function journalFiles(folder: string, lease: LeaseId): string[] {
  if (!existsSync(folder)) return [];
  const prefix = `wire-${lease}-`;
  const segmentOf = (file: string) => Number.parseInt(file.slice(prefix.length), 10);
  return readdirSync(folder)
    .filter(file => file.startsWith(prefix) && file.endsWith('.journal'))
    .sort((a, b) => segmentOf(a) - segmentOf(b));
}

function addFact(facts: Map<MessageId, WireFact[]>, line: string): void {
  // A line that is not whole was refused to its writer, who then sent no dot.
  if (!line.endsWith('}')) return;
  const entry = JSON.parse(line) as DotEntry | ReplyEntry;
  if ('dot' in entry) {
    const { dot, attempt, provider, indexes } = entry;
    const refused = entry.refused.map(reply => reply ?? undefined);
    facts.set(dot, [...(facts.get(dot) ?? []), { attempt, provider, indexes, refused }]);
    return;
  }
  const { replied, attempt, reply } = entry;
  const answered = facts.get(replied)?.map(fact => (fact.attempt === attempt ? { ...fact, reply } : fact));
  if (answered !== undefined) facts.set(replied, answered);
}
