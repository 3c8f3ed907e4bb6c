import type { RecordKind } from '../registry.ts';
import type { Database, Sql } from './database.ts';
import { createEar } from './listen-notify.ts';
import type { StoreUrl } from './store-url.ts';

/** What happened in the database, on this node or another. */
export interface News {
  /** Tells of events that this node has committed, up to a seq. */
  wrote(seq: bigint): void;
  /** Tells of a change of the registry that this node has committed, which made its kind's version so high. */
  changed(kind: RecordKind, version: number): void;
  /** A reader could not be shown all events, because of a transaction under way: it is told again soon. */
  heldBack(): void;
  onEvents(listener: () => void): () => void;
  onChange(listener: (kind: RecordKind) => void): () => void;
  close(): Promise<void>;
}

/** How often the database is looked at while nothing is heard from it, and while other nodes can be heard. */
const LOOK_MS = 500;
const LOOK_ANYWAY_MS = 5_000;
const HELD_BACK_MS = 20;
const LOOK = `select (select max(seq) from events) as newest,
  (select json_object_agg(name, value) from marks where name like 'version of %') as versions`;

interface LookRow {
  readonly newest: bigint | null;
  readonly versions: Readonly<Record<string, number>> | null;
}

/** The mark that counts the changes of a kind. */
export function versionMark(kind: RecordKind): string {
  return `version of ${kind}`;
}

/** Follows one database: by notifications where they come through, and by looking. */
export async function followNews(db: Database, url: StoreUrl): Promise<News> {
  const eventListeners = new Set<() => void>();
  const changeListeners = new Set<(kind: RecordKind) => void>();
  const versions = new Map<string, number>();
  let newest = 0n;
  let timer: NodeJS.Timeout | undefined;
  let retelling: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let isClosed = false;

  async function look(): Promise<void> {
    const [row] = await db.rows<LookRow>(LOOK);
    if (isClosed) return;
    if ((row?.newest ?? 0n) > newest) tellEvents(row?.newest ?? 0n);
    for (const [mark, version] of Object.entries(row?.versions ?? {}))
      tellChange(mark.replace(versionMark('' as RecordKind), '') as RecordKind, version);
  }

  function lookNow(): void {
    clearTimeout(timer);
    // Unreachable now: the next look will see what this one did not.
    looking ??= look()
      .catch(() => {})
      .finally(() => {
        looking = undefined;
        if (!isClosed) timer = setTimeout(lookNow, ear.isHearing() ? LOOK_ANYWAY_MS : LOOK_MS).unref();
      });
  }

  function tellEvents(seq: bigint): void {
    if (seq > newest) newest = seq;
    for (const listener of eventListeners) listener();
  }

  function tellChange(kind: RecordKind, version: number): void {
    if ((versions.get(kind) ?? 0) >= version) return;
    versions.set(kind, version);
    for (const listener of changeListeners) listener(kind);
  }

  await look();
  const ear = createEar(db, url, heard => {
    if (heard === undefined) lookNow();
    else if (heard > newest) tellEvents(heard);
  });
  lookNow();

  return {
    wrote(seq) {
      if (seq === 0n) return;
      tellEvents(seq);
      ear.tellOthers(seq);
    },
    changed(kind, version) {
      tellChange(kind, version);
      ear.tellOthers();
    },
    heldBack() {
      retelling ??= setTimeout(() => {
        retelling = undefined;
        for (const listener of eventListeners) listener();
      }, HELD_BACK_MS).unref();
    },
    onEvents: listener => listen(eventListeners, listener),
    onChange: listener => listen(changeListeners, listener),
    async close() {
      isClosed = true;
      clearTimeout(timer);
      clearTimeout(retelling);
      await ear.close();
      await looking;
    },
  };
}

function listen<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Counts a mark up, and resolves with what it is then. Whoever counts the same one waits for this transaction. */
export async function countUp(sql: Sql, mark: string): Promise<number> {
  const [row] = await sql.rows<{ value: bigint }>(
    `insert into marks (name, value) values ($1, 1)
      on conflict (name) do update set value = marks.value + 1 returning value`,
    [mark],
  );
  return Number(row?.value ?? 0);
}
