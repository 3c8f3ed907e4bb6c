import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { createDirectLimits } from './direct-limits.ts';

function start(maxPerMinute: number, maxConcurrent: number) {
  let now = 0;
  const limits = createDirectLimits({ maxPerMinute, maxConcurrent, now: () => now });
  /** Returns the release function, or the seconds to wait. */
  const acquire = (client: string, host = 'mail.test'): (() => void) | number => {
    try {
      return limits.acquire(client, host);
    } catch (error) {
      return error instanceof AppError ? (error.details.retryAfterSeconds ?? -1) : -2;
    }
  };
  const pass = (client: string, host?: string): number => {
    const release = acquire(client, host);
    if (typeof release === 'number') return release;
    release();
    return 0;
  };
  return {
    acquire,
    pass,
    advance(ms: number) {
      now += ms;
    },
  };
}

describe('createDirectLimits', () => {
  it('allows a client maxPerMinute messages in a minute, and refills them evenly', () => {
    const { pass, advance } = start(2, 10);
    expect([pass('192.0.2.1'), pass('192.0.2.1'), pass('192.0.2.1')]).toEqual([0, 0, 30]);
    advance(29_999);
    expect(pass('192.0.2.1')).toBe(1);
    advance(1);
    expect([pass('192.0.2.1'), pass('192.0.2.1')]).toEqual([0, 30]);
  });

  it('never allows more than maxPerMinute messages together after a pause', () => {
    const { pass, advance } = start(2, 10);
    pass('192.0.2.1');
    advance(3_600_000);
    expect([pass('192.0.2.1'), pass('192.0.2.1'), pass('192.0.2.1')]).toEqual([0, 0, 30]);
  });

  it('counts each client address alone, and an IPv6 /64 as one client', () => {
    const { pass } = start(1, 10);
    expect([pass('192.0.2.1'), pass('192.0.2.2'), pass('::ffff:192.0.2.1')]).toEqual([0, 0, 60]);
    expect([pass('2001:db8::1'), pass('2001:db8::2'), pass('2001:db8:0:1::1')]).toEqual([0, 60, 0]);
  });

  it('allows all clients together ten times as many messages to one server', () => {
    const { pass } = start(1, 10);
    const waits = Array.from({ length: 11 }, (_, i) => pass(`192.0.2.${i}`));
    expect(waits).toEqual([...Array(10).fill(0), 6]);
    expect(pass('192.0.2.20', 'other.test')).toBe(0);
  });

  it('limits the messages in progress from a client and to a server', () => {
    const { acquire, pass } = start(100, 1);
    const release = acquire('192.0.2.1', 'a.test');
    expect([pass('192.0.2.1', 'b.test'), pass('192.0.2.2', 'a.test')]).toEqual([1, 1]);
    expect(pass('192.0.2.2', 'b.test')).toBe(0);
    if (typeof release === 'function') release();
    expect([pass('192.0.2.1', 'b.test'), pass('192.0.2.2', 'a.test')]).toEqual([0, 0]);
  });

  it('does not count a refused message', () => {
    const { acquire, pass } = start(2, 1);
    const release = acquire('192.0.2.1', 'a.test');
    expect([pass('192.0.2.1'), pass('192.0.2.1')]).toEqual([1, 1]);
    if (typeof release === 'function') release();
    expect([pass('192.0.2.1'), pass('192.0.2.1')]).toEqual([0, 30]);
  });
});
