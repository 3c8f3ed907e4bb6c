import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createIds } from '../../core/id.ts';
import {
  createWireJournal,
  readWireJournal,
  removeWireJournal,
  type WireJournalFile,
} from './wire-journal.ts';

const newId = createIds(1, () => Date.UTC(2026, 10, 21));
const REPLY = { code: 250, enhanced: '2.0.0', text: 'queued' };
const REFUSED = { code: 550, text: 'no such user: "x}"\n' };

describe('the wire journal', () => {
  test('tells what was written to it, also while its writer lives', () => {
    const { folder, journal } = setUp();
    const [a, b] = [newId(), newId()];
    journal.dot({ id: a, attempt: 1, provider: 3, indexes: [0, 2], refused: [undefined, REFUSED] });
    journal.dot({ id: b, attempt: 7, provider: 4, indexes: [0], refused: [] });
    journal.replied({ id: a, attempt: 1, reply: REPLY });
    journal.dot({ id: a, attempt: 2, provider: 5, indexes: [2], refused: [] });
    expect(readWireJournal(folder, 1)).toEqual(
      new Map([
        [
          a,
          [
            { attempt: 1, provider: 3, indexes: [0, 2], refused: [undefined, REFUSED], reply: REPLY },
            { attempt: 2, provider: 5, indexes: [2], refused: [] },
          ],
        ],
        [b, [{ attempt: 7, provider: 4, indexes: [0], refused: [] }]],
      ]),
    );
  });

  test('that is empty differs from one that is not there', () => {
    const { folder } = setUp();
    expect(readWireJournal(folder, 1)).toEqual(new Map());
    expect(readWireJournal(folder, 2)).toBeUndefined();
    expect(readWireJournal(join(folder, 'nowhere'), 1)).toBeUndefined();
  });

  test('does not mix up leases whose numbers begin alike', () => {
    const { folder, journal } = setUp();
    dot(journal, newId());
    const other = createWireJournal(folder, 11);
    onTestFinished(other.close);
    expect(readWireJournal(folder, 11)?.size).toBe(0);
    removeWireJournal(folder, 11);
    expect(readWireJournal(folder, 1)?.size).toBe(1);
  });

  test('cut off at any byte tells of all whole entries, and of no other', () => {
    const { folder, journal } = setUp();
    const ids = Array.from({ length: 4 }, newId);
    const ends = ids.map(id => {
      journal.dot({ id, attempt: 1, provider: 1, indexes: [0], refused: [REFUSED] });
      return readFileSync(onlyFile(folder)).length;
    });
    const whole = readFileSync(onlyFile(folder));
    fc.assert(
      fc.property(fc.nat(whole.length), length => {
        writeFileSync(onlyFile(folder), whole);
        truncateSync(onlyFile(folder), length);
        const expected = ids.filter((_, i) => (ends[i] ?? 0) <= length);
        expect([...(readWireJournal(folder, 1)?.keys() ?? [])]).toEqual(expected);
      }),
    );
  });

  test('goes on behind what a full disk cut short', () => {
    const { folder, journal } = setUp();
    const [before, cut, after] = [newId(), newId(), newId()];
    dot(journal, before);
    const length = readFileSync(onlyFile(folder)).length;
    dot(journal, cut);
    truncateSync(onlyFile(folder), length + 30);
    dot(journal, after);
    expect([...(readWireJournal(folder, 1)?.keys() ?? [])]).toEqual([before, after]);
  });

  test('counts an attempt once, however often it was copied', () => {
    const { folder, journal } = setUp();
    const id = newId();
    dot(journal, id);
    journal.replied({ id, attempt: 1, reply: REPLY });
    dot(journal, id);
    journal.replied({ id, attempt: 1, reply: REPLY });
    expect(readWireJournal(folder, 1)?.get(id)).toHaveLength(1);
  });

  test('starts a new segment when one is full, and reads them in the order of their numbers', () => {
    const { folder, journal } = setUp();
    const id = newId();
    fill(journal, 1);
    dot(journal, id);
    fill(journal, 9);
    journal.replied({ id, attempt: 1, reply: REPLY });
    expect(readdirSync(folder).length).toBeGreaterThanOrEqual(10);
    expect(readWireJournal(folder, 1)?.get(id)).toMatchObject([{ attempt: 1, reply: REPLY }]);
  });

  test('removes a segment once nothing in it is under way', () => {
    const { folder, journal } = setUp();
    const id = newId();
    dot(journal, id);
    const filled = fill(journal, 1);
    expect(readdirSync(folder)).toHaveLength(2);
    for (const one of filled) journal.forget(one);
    expect(readdirSync(folder)).toHaveLength(2);
    journal.forget(id);
    expect(readdirSync(folder)).toEqual(['wire-1-2.journal']);
  });

  test('uses a full segment again when nothing in it is under way', () => {
    const { folder, journal } = setUp();
    for (let round = 0; round < 3; round++) {
      for (const id of fill(journal, 1)) journal.forget(id);
    }
    const last = newId();
    dot(journal, last);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(readFileSync(onlyFile(folder)).length).toBeLessThan(5 * MEBIBYTE);
    expect(readWireJournal(folder, 1)?.has(last)).toBe(true);
  });

  test('keeps its files when it is closed, and takes them along when it is removed', () => {
    const { folder, journal } = setUp();
    dot(journal, newId());
    journal.close();
    journal.close();
    expect(readdirSync(folder)).toHaveLength(1);
    const second = createWireJournal(folder, 2);
    dot(second, newId());
    second.remove();
    expect(readdirSync(folder)).toEqual(['wire-1-1.journal']);
    removeWireJournal(folder, 1);
    expect(readdirSync(folder)).toEqual([]);
  });
});

const MEBIBYTE = 1024 * 1024;

function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'postern-journal-'));
  const journal = createWireJournal(folder, 1);
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, journal };
}

function onlyFile(folder: string): string {
  return join(folder, readdirSync(folder)[0] ?? '');
}

function dot(journal: WireJournalFile, id: string): void {
  void journal.dot({ id, attempt: 1, provider: 1, indexes: [0], refused: [] });
}

/** Writes so many segments full (4 MiB each); returns the ids of the entries. */
function fill(journal: WireJournalFile, segments: number): string[] {
  const refused = Array.from({ length: 40 }, () => ({ code: 550, text: 'x'.repeat(500) }));
  const ids = Array.from({ length: segments * 210 }, newId);
  for (const id of ids) void journal.dot({ id, attempt: 1, provider: 1, indexes: [], refused });
  return ids;
}
