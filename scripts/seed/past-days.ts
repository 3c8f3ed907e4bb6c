import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { apiOf } from '../../test/helpers/gates/api.ts';
import { startGate } from '../../test/helpers/gates/gate.ts';
import { type FillOptions, fillGate } from './fill-gate.ts';
import { type Prepared, prepareGate } from './prepare-gate.ts';
import type { SeedMail } from './seed-mail.ts';
import type { SmtpServers } from './smtp-servers.ts';

export interface PastOptions extends FillOptions {
  /** A data folder where no gate has run yet. */
  readonly data: string;
  readonly days: number;
  readonly servers: SmtpServers;
  readonly mail: readonly SeedMail[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hours of the day (UTC) when mail is sent, with their weights. */
const HOURS: readonly (readonly [number, number])[] = [
  [1, 1],
  [7, 4],
  [10, 8],
  [14, 6],
  [18, 5],
  [21, 2],
];
/** Share of the mail of a working day on a Saturday or Sunday. */
const WEEKEND = 0.4;

/** A time in the past when a gate runs and gets a share of the mail. */
interface Session {
  /** Epoch ms. */
  readonly at: number;
  readonly weight: number;
}

/**
 * Fills a data folder as if a gate had run for days. It starts a real gate several times, each time with a clock a few hours
 * later, and submits a part of the mail. Nothing else writes to the store.
 */
export async function fillPastDays({
  data,
  days,
  servers,
  mail,
  onAccepted,
  signal,
}: PastOptions): Promise<void> {
  if (existsSync(join(data, 'postern.sqlite')))
    throw new Error(
      `A gate has run in the data folder ${data}. Choose another one with --data, or delete it.`,
    );
  const sessions = sessionsOf(Date.now(), days);
  const totalWeight = sessions.reduce((sum, { weight }) => sum + weight, 0);
  let prepared: Prepared | undefined;
  let [weight, accepted] = [0, 0];
  for (const session of sessions) {
    if (signal.aborted) return;
    weight += session.weight;
    const part = mail.slice(accepted, Math.round((mail.length * weight) / totalWeight));
    const isLast = session === sessions.at(-1);
    prepared = await runSession(session.at, part, prepared, isLast);
    accepted += part.length;
    onAccepted(accepted);
  }

  async function runSession(
    at: number,
    part: readonly SeedMail[],
    before: Prepared | undefined,
    isLast: boolean,
  ) {
    const offsetMs = at - Date.now();
    const gate = await startGate({ data, args: ['--keep', '1000000'], env: shiftedClock(offsetMs) });
    try {
      const now = before ?? (await prepareGate(apiOf(gate, gate.adminToken), servers));
      const target = {
        http: gate.http,
        smtp: gate.smtp,
        adminKey: gate.adminToken,
        keys: now.keys,
        offsetMs,
      };
      await fillGate(target, part, { onAccepted: () => {}, signal });
      if (isLast || signal.aborted) await now.finish(apiOf(gate, gate.adminToken));
      return now;
    } finally {
      await gate.stop();
    }
  }
}

/** The sessions of the days before now, the oldest first. */
export function sessionsOf(now: number, days: number): readonly Session[] {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  return Array.from({ length: days + 1 }, (_, day) => today - (days - day) * DAY_MS)
    .flatMap(day =>
      HOURS.map(([hour, weight]) => ({ at: day + hour * HOUR_MS, weight: weight * shareOf(day) })),
    )
    .filter(({ at }) => at < now && at >= now - days * DAY_MS);
}

function shareOf(day: number): number {
  return [0, 6].includes(new Date(day).getUTCDay()) ? WEEKEND : 1;
}

/** The environment of a program with a shifted clock. */
function shiftedClock(offsetMs: number): Record<string, string> {
  const module = pathToFileURL(join(import.meta.dirname, 'shifted-clock.ts')).href;
  return { NODE_OPTIONS: `--import=${module}`, SEED_CLOCK_OFFSET_MS: String(offsetMs) };
}
