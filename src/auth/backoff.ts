import ipaddr from 'ipaddr.js';

/** Counts wrong credentials by subject (a client address or a key), and computes how long a subject must wait. */
export interface Backoff {
  /** Counts a failure of each subject. Returns the longest of their waits in ms; 0 if all are within the limit. */
  recordFailure(subjects: readonly string[], now: number): number;
  /** The longest remaining wait of the subjects in ms; 0: none must wait. */
  waitMs(subjects: readonly string[], now: number): number;
}

export interface BackoffOptions {
  /** Failures of one subject within a minute that cause no wait. */
  readonly freeFailures: number;
  /** Subjects in memory. Above this number, the subject with the oldest failure is dropped. */
  readonly maxSubjects: number;
}

const WINDOW_MS = 60_000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const DEFAULTS: BackoffOptions = { freeFailures: 50, maxSubjects: 10_000 };

interface FailureRecord {
  failures: number;
  windowStartedAt: number;
  blockedUntil: number;
}

/** Each failure above the limit doubles the wait. The count starts from 0 again one minute after the last wait. */
export function createBackoff(options: Partial<BackoffOptions> = {}): Backoff {
  const { freeFailures, maxSubjects } = { ...DEFAULTS, ...options };
  // Sorted by the last failure, the oldest first: a Map keeps the order of insertion.
  const records = new Map<string, FailureRecord>();

  function countFailure(subject: string, now: number): number {
    const record: FailureRecord = records.get(subject) ?? {
      failures: 0,
      windowStartedAt: now,
      blockedUntil: 0,
    };
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

  function dropOldest(): void {
    for (const subject of records.keys()) {
      if (records.size <= maxSubjects) return;
      records.delete(subject);
    }
  }

  return {
    recordFailure(subjects, now) {
      const waits = subjects.map(subject => countFailure(subject, now));
      dropOldest();
      return Math.max(0, ...waits);
    },
    waitMs(subjects, now) {
      return Math.max(0, ...subjects.map(subject => (records.get(subject)?.blockedUntil ?? 0) - now));
    },
  };
}

/** The subject of an IPv4 address, or of the /64 of an IPv6 address: one host often controls a whole /64. */
export function subjectOfAddress(address: string): string {
  if (!ipaddr.isValid(address)) return `address ${address}`;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return `address ${parsed.toString()}`;
  return `address ${(parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map(part => part.toString(16))
    .join(':')}::/64`;
}

/** The subject of a key, by the id in its text. */
export function subjectOfKey(id: number): string {
  return `key ${id}`;
}
