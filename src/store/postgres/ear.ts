import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { connectionTo, type Database } from './database.ts';
import type { StoreUrl } from './store-url.ts';

/** A connection that hears what other nodes tell, where notifications come through: not behind a pooler. */
export interface Ear {
  isHearing(): boolean;
  /** Tells all nodes that there are news; what comes within 100 ms is told once. */
  tellOthers(): void;
  close(): Promise<void>;
}

const CHANNEL = 'postern_news';
/** At most ten times a second: a notification locks out all other commits of the database for a moment. */
const TELL_MS = 100;
/** How long a notification of our own may take, before we take the connection for deaf. */
const PROBE_MS = 2_000;
/** After so long a lost connection is made anew, and a deaf one tried again. */
const AGAIN_MS = 2_000;
const DEAF_MS = 60_000;

/** Listens from now on. `onNews` is called for what others tell, and when the ear hears again after a while. */
export function createEar(db: Database, { url, listens }: StoreUrl, onNews: () => void): Ear {
  let client: pg.Client | undefined;
  let isHearing = false;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;
  let telling: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const probe = randomUUID();
    const heard = Promise.withResolvers<void>();
    const opened = new pg.Client(connectionTo(url));
    client = opened;
    opened.on('error', () => lose(opened, AGAIN_MS));
    opened.on('end', () => lose(opened, AGAIN_MS));
    opened.on('notification', ({ payload }) => (payload === probe ? heard.resolve() : onNews()));
    try {
      await opened.connect();
      await opened.query(`listen ${CHANNEL}`);
      const timeout = setTimeout(() => heard.reject(new Error('Nothing was heard.')), PROBE_MS);
      // Through the pool, as all that others tell comes.
      const probing = db.rows('select pg_notify($1, $2)', [CHANNEL, probe]);
      await Promise.all([probing, heard.promise]).finally(() => clearTimeout(timeout));
    } catch {
      lose(opened, opened === client && !isClosed ? DEAF_MS : AGAIN_MS);
      return;
    }
    if (client !== opened) return;
    isHearing = true;
    onNews();
  }

  function lose(lost: pg.Client, againMs: number): void {
    if (client !== lost) return;
    client = undefined;
    isHearing = false;
    lost.end().catch(() => {});
    if (!isClosed) retry = setTimeout(() => void connect(), againMs).unref();
  }

  if (listens) void connect();
  return {
    isHearing: () => isHearing,
    tellOthers() {
      telling ??= setTimeout(() => {
        telling = undefined;
        // Who does not hear it looks for itself soon.
        db.rows('select pg_notify($1, $2)', [CHANNEL, '']).catch(() => {});
      }, TELL_MS).unref();
    },
    async close() {
      isClosed = true;
      clearTimeout(retry);
      clearTimeout(telling);
      const last = client;
      client = undefined;
      isHearing = false;
      await last?.end().catch(() => {});
    },
  };
}
