import ipaddr from 'ipaddr.js';

/** Counts wrong credentials, per address and per key, and says how long a subject must wait. */
export interface Backoff {
  /** Notes a wrong credential; the answer is how long its subjects must wait now, in ms, 0 while they are within the limit. */
  failed(subjects: readonly string[], now: number): number;
  /** How long the longest-waiting of the subjects must still wait, in ms; 0: not at all. */
  waitMs(subjects: readonly string[], now: number): number;
}

export interface BackoffOptions {
  /** Failures of one subject within a minute that cost nothing. */
  readonly freeFailures: number;
  /** Subjects remembered at once; above that the ones that failed longest ago are forgotten. */
  readonly maxSubjects: number;
}

const WINDOW_MS = 60_000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const DEFAULTS: BackoffOptions = { freeFailures: 50, maxSubjects: 10_000 };

interface Tally {
  failures: number;
  windowStartedAt: number;
  blockedUntil: number;
}

/** A backoff with nothing on record. Waits double with every failure above the limit, and end after a quiet minute. */
export function createBackoff(options: Partial<BackoffOptions> = {}): Backoff {
  const { freeFailures, maxSubjects } = { ...DEFAULTS, ...options };
  // In the order of the last failure, the oldest first.
  const records = new Map<string, Tally>();

  function note(subject: string, now: number): number {
    const record: Tally = records.get(subject) ?? { failures: 0, windowStartedAt: now, blockedUntil: 0 };
    if (now >= Math.max(record.windowStartedAt + WINDOW_MS, record.blockedUntil + WINDOW_MS)) {
      record.failures = 0;
      record.windowStartedAt = now;
    }
    record.failures += 1;
    const excess = record.failures - freeFailures;
    if (excess > 0) record.blockedUntil = now + Math.min(FIRST_WAIT_MS * 2 ** (excess - 1), LONGEST_WAIT_MS);
    records.delete(subject);
    records.set(subject, record);
    return Math.max(0, record.blockedUntil - now);
  }

  function forgetOldest(): void {
    for (const subject of records.keys()) {
      if (records.size <= maxSubjects) return;
      records.delete(subject);
    }
  }

  return {
    failed(subjects, now) {
      const waits = subjects.map(subject => note(subject, now));
      forgetOldest();
      return Math.max(0, ...waits);
    },
    waitMs(subjects, now) {
      return Math.max(0, ...subjects.map(subject => (records.get(subject)?.blockedUntil ?? 0) - now));
    },
  };
}

/** What an address is counted as: itself, or its /64 in IPv6, of which one host has all. */
export function subjectOfAddress(address: string): string {
  if (!ipaddr.isValid(address)) return `address ${address}`;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return `address ${parsed.toString()}`;
  return `address ${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map(part => part.toString(16))
    .join(':')}::/64`;
}

/** What a key is counted as, by the id that it says it has. */
export function subjectOfKey(id: number): string {
  return `key ${id}`;
}
