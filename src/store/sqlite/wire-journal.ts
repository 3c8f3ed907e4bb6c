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
// microsecond, but not the machine (docs/decisions/01-wire-journal.md). Files `wire-<lease>-<segment>.journal`, one JSON line an entry,
// each with its line break in front, so that what a full disk cut short does not spoil the entry after it.
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

/** By message, then by the number of the attempt. */
type Facts = Map<MessageId, Map<number, WireFact>>;

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
    const line = Buffer.from(`\n${JSON.stringify(entry)}`);
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
      for (const segment of segments.splice(0)) closeSync(segment.fd);
    },
  };
}

/** What the journal of a dead incarnation says, by message; undefined when there is no such journal. */
export function readWireJournal(folder: string, lease: LeaseId): Map<MessageId, WireFact[]> | undefined {
  const files = journalFiles(folder, lease);
  if (files.length === 0) return undefined;
  const facts: Facts = new Map();
  for (const file of files) {
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
      const entry = readEntry(line);
      if (entry !== undefined) addEntry(facts, entry);
    }
  }
  return new Map(Array.from(facts, ([id, byAttempt]) => [id, [...byAttempt.values()]]));
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

/** The entry of a line; undefined when it is not whole: that was refused to its writer, who then sent no dot. */
function readEntry(line: string): DotEntry | ReplyEntry | undefined {
  try {
    return JSON.parse(line) as DotEntry | ReplyEntry;
  } catch {
    return undefined;
  }
}

function addEntry(facts: Facts, entry: DotEntry | ReplyEntry): void {
  if ('dot' in entry) {
    const { dot, attempt, provider, indexes } = entry;
    const refused = entry.refused.map(reply => reply ?? undefined);
    const byAttempt = facts.get(dot) ?? new Map<number, WireFact>();
    facts.set(dot, byAttempt.set(attempt, { attempt, provider, indexes, refused }));
    return;
  }
  const byAttempt = facts.get(entry.replied);
  const fact = byAttempt?.get(entry.attempt);
  if (fact !== undefined) byAttempt?.set(entry.attempt, { ...fact, reply: entry.reply });
}
