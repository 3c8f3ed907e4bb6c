import ipaddr from 'ipaddr.js';
import { AppError } from '../../core/errors.ts';

export interface DirectLimits {
  /** Takes a place for one message, until what is returned is called; throws `rate_limited` when there is none. */
  acquire(clientAddress: string, host: string): () => void;
}

export interface DirectLimitOptions {
  /** Messages a minute from one client address; a server gets ten times as many from all of them together. */
  readonly maxPerMinute: number;
  /** Messages under way at once, from one client address, and to one server. */
  readonly maxConcurrent: number;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** One client must not use up a server for all the others. */
const CLIENTS_PER_SERVER = 10;
const MINUTE_MS = 60_000;
/** Subjects remembered; above that the one that was seen longest ago is forgotten. */
const MAX_SUBJECTS = 10_000;

/** What is left of a subject's messages, as of a time. */
interface Allowance {
  left: number;
  at: number;
}

/** Counts in memory: nothing of this API outlives the process. */
export function createDirectLimits({ maxPerMinute, maxConcurrent, now }: DirectLimitOptions): DirectLimits {
  const allowances = new Map<string, Allowance>();
  const underWay = new Map<string, number>();

  /** Grows evenly, a minute's worth at most. */
  function allowanceOf(subject: string, perMinute: number): Allowance {
    const at = now();
    const last = allowances.get(subject) ?? { left: perMinute, at };
    const left = Math.min(perMinute, last.left + ((at - last.at) * perMinute) / MINUTE_MS);
    const allowance = { left, at };
    allowances.delete(subject);
    allowances.set(subject, allowance);
    forgetOldest(allowances);
    return allowance;
  }

  function leave(subjects: readonly string[]): void {
    for (const subject of subjects) {
      const left = (underWay.get(subject) ?? 1) - 1;
      if (left === 0) underWay.delete(subject);
      else underWay.set(subject, left);
    }
  }

  return {
    acquire(clientAddress, host) {
      const subjects = [subjectOf(clientAddress), `server ${host}`] as const;
      if (subjects.some(subject => (underWay.get(subject) ?? 0) >= maxConcurrent)) throw tooMany(1);
      const rates = [maxPerMinute, maxPerMinute * CLIENTS_PER_SERVER];
      const found = subjects.map((subject, i) => allowanceOf(subject, rates[i] ?? maxPerMinute));
      const waitsMs = found.map(({ left }, i) => ((1 - left) * MINUTE_MS) / (rates[i] ?? maxPerMinute));
      const waitMs = Math.max(...waitsMs);
      if (waitMs > 0) throw tooMany(Math.ceil(waitMs / 1_000));
      for (const allowance of found) allowance.left -= 1;
      for (const subject of subjects) underWay.set(subject, (underWay.get(subject) ?? 0) + 1);
      return () => leave(subjects);
    },
  };
}

function forgetOldest(allowances: Map<string, Allowance>): void {
  for (const subject of allowances.keys()) {
    if (allowances.size <= MAX_SUBJECTS) return;
    allowances.delete(subject);
  }
}

/** An address counts as itself, or in IPv6 as its /64, of which one host has all. */
function subjectOf(address: string): string {
  if (!ipaddr.isValid(address)) return `client ${address}`;
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  return `client ${(parsed.kind() === 'ipv4' ? bytes : bytes.slice(0, 8)).join('.')}`;
}

function tooMany(retryAfterSeconds: number): AppError {
  const sentence = 'Too many messages from this address or to this server for now.';
  return new AppError('rate_limited', sentence, { retryAfterSeconds });
}
