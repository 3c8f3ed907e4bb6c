import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { connectionTo, type Database } from './database.ts';
import type { StoreUrl } from './store-url.ts';

/** A connection that hears what other nodes tell, where notifications come through: not behind a pooler. */
export interface Ear {
  isHearing(): boolean;
  /**
   * Tells all nodes of events up to a seq; without one, that there is something to look for. What comes within 100 ms is
   * told once.
   */
  tellOthers(newest?: bigint): void;
  close(): Promise<void>;
}

const CHANNEL = 'postern_news';
/** At most ten times a second: a notification locks out all other commits of the database for a moment. */
const TELL_MS = 100;
const SEQ = /^\d{1,19}$/;
/** How long a notification of our own may take, before we take the connection for deaf. */
const PROBE_MS = 2_000;
/** After so long a lost connection is made anew, and a deaf one tried again. */
const AGAIN_MS = 500;
const DEAF_MS = 60_000;

/**
 * Listens from now on. `onNews` is called for what others tell, with a seq when it is nothing but events up to there, and
 * when the ear begins or ceases to hear.
 */
export function createEar(db: Database, { url, listens }: StoreUrl, onNews: (newest?: bigint) => void): Ear {
  let client: pg.Client | undefined;
  let isHearing = false;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;
  let probing: NodeJS.Timeout | undefined;
  let telling: NodeJS.Timeout | undefined;
  /** What is going to be told: a seq, or '' when others must look. */
  let told = '';

  async function connect(): Promise<void> {
    const probe = randomUUID();
    const opened = new pg.Client(connectionTo(url));
    client = opened;
    opened.on('error', () => lose(opened, AGAIN_MS));
    opened.on('end', () => lose(opened, AGAIN_MS));
    opened.on('notification', ({ payload }) => {
      if (client !== opened) return;
      if (payload === probe) {
        clearTimeout(probing);
        isHearing = true;
      }
      if (SEQ.test(payload ?? '')) onNews(BigInt(payload ?? ''));
      else onNews();
    });
    try {
      await opened.connect();
      await opened.query(`listen ${CHANNEL}`);
      // Through the pool, as all that others tell comes.
      await db.rows('select pg_notify($1, $2)', [CHANNEL, probe]);
    } catch {
      lose(opened, AGAIN_MS);
      return;
    }
    if (client === opened && !isHearing) probing = setTimeout(() => lose(opened, DEAF_MS), PROBE_MS).unref();
  }

  function lose(lost: pg.Client, againMs: number): void {
    if (client !== lost) return;
    const wasHearing = isHearing;
    client = undefined;
    isHearing = false;
    clearTimeout(probing);
    lost.end().catch(() => {});
    if (isClosed) return;
    retry = setTimeout(() => void connect(), againMs).unref();
    // From now on nobody tells us.
    if (wasHearing) onNews();
  }

  if (listens) void connect();
  return {
    isHearing: () => isHearing,
    tellOthers(newest) {
      const mustLook = newest === undefined || (telling !== undefined && told === '');
      told = mustLook ? '' : String(newest);
      telling ??= setTimeout(() => {
        telling = undefined;
        // Who does not hear it looks for itself soon.
        db.rows('select pg_notify($1, $2)', [CHANNEL, told]).catch(() => {});
      }, TELL_MS).unref();
    },
    async close() {
      isClosed = true;
      for (const timer of [retry, probing, telling]) clearTimeout(timer);
      const last = client;
      client = undefined;
      isHearing = false;
      await last?.end().catch(() => {});
    },
  };
}
