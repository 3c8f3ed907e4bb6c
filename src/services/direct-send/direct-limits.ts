import ipaddr from 'ipaddr.js';
import { AppError } from '../../core/errors.ts';

export interface DirectLimits {
  /** Reserves a place for one message. Returns its release function. Throws `rate_limited` if there is no place. */
  acquire(clientAddress: string, host: string): () => void;
}

export interface DirectLimitOptions {
  /** Messages in a minute from one client address. One server gets at most ten times as many from all clients. */
  readonly maxPerMinute: number;
  /** Messages in progress at the same time, from one client address and to one server. */
  readonly maxConcurrent: number;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** A server accepts the rate of ten clients, so that one client cannot use up the server's limit alone. */
const CLIENTS_PER_SERVER = 10;
const MINUTE_MS = 60_000;
/** Subjects (client addresses and servers) in memory. Above this number the least recently used one is dropped. */
const MAX_SUBJECTS = 10_000;

/** A token bucket: the messages that a subject may still send, at the time `at`. */
interface Allowance {
  left: number;
  at: number;
}

/** Counts in memory. A restart resets all limits. */
export function createDirectLimits({ maxPerMinute, maxConcurrent, now }: DirectLimitOptions): DirectLimits {
  const allowances = new Map<string, Allowance>();
  const inProgress = new Map<string, number>();

  /** Refills evenly, up to `perMinute`. */
  function allowanceOf(subject: string, perMinute: number): Allowance {
    const at = now();
    const last = allowances.get(subject) ?? { left: perMinute, at };
    const left = Math.min(perMinute, last.left + ((at - last.at) * perMinute) / MINUTE_MS);
    const allowance = { left, at };
    allowances.delete(subject);
    allowances.set(subject, allowance);
    dropOldest(allowances);
    return allowance;
  }

  function release(subjects: readonly string[]): void {
    for (const subject of subjects) {
      const left = (inProgress.get(subject) ?? 1) - 1;
      if (left === 0) inProgress.delete(subject);
      else inProgress.set(subject, left);
    }
  }

  return {
    acquire(clientAddress, host) {
      const subjects = [subjectOf(clientAddress), `server ${host}`] as const;
      if (subjects.some(subject => (inProgress.get(subject) ?? 0) >= maxConcurrent)) throw tooMany(1);
      const rates = [maxPerMinute, maxPerMinute * CLIENTS_PER_SERVER];
      const found = subjects.map((subject, i) => allowanceOf(subject, rates[i] ?? maxPerMinute));
      const waitsMs = found.map(({ left }, i) => ((1 - left) * MINUTE_MS) / (rates[i] ?? maxPerMinute));
      const waitMs = Math.max(...waitsMs);
      if (waitMs > 0) throw tooMany(Math.ceil(waitMs / 1_000));
      for (const allowance of found) allowance.left -= 1;
      for (const subject of subjects) inProgress.set(subject, (inProgress.get(subject) ?? 0) + 1);
      return () => release(subjects);
    },
  };
}

function dropOldest(allowances: Map<string, Allowance>): void {
  for (const subject of allowances.keys()) {
    if (allowances.size <= MAX_SUBJECTS) return;
    allowances.delete(subject);
  }
}

/** The subject of an IPv4 address, or of the /64 of an IPv6 address: one host often controls a whole /64. */
function subjectOf(address: string): string {
  if (!ipaddr.isValid(address)) return `client ${address}`;
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  return `client ${(parsed.kind() === 'ipv4' ? bytes : bytes.slice(0, 8)).join('.')}`;
}

function tooMany(retryAfterSeconds: number): AppError {
  const sentence = 'Too many messages from this address or to this server. Try again later.';
  return new AppError('rate_limited', sentence, { retryAfterSeconds });
}
