import { describe, expect, it } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { createDirectLimits } from './direct-limits.ts';

function start(maxPerMinute: number, maxConcurrent: number) {
  let now = 0;
  const limits = createDirectLimits({ maxPerMinute, maxConcurrent, now: () => now });
  /** Seconds to wait, or how to leave. */
  const enter = (client: string, host = 'mail.test'): (() => void) | number => {
    try {
      return limits.acquire(client, host);
    } catch (error) {
      return error instanceof AppError ? (error.details.retryAfterSeconds ?? -1) : -2;
    }
  };
  const pass = (client: string, host?: string): number => {
    const leave = enter(client, host);
    if (typeof leave === 'number') return leave;
    leave();
    return 0;
  };
  return {
    enter,
    pass,
    advance(ms: number) {
      now += ms;
    },
  };
}

describe('the limits of direct mail', () => {
  it('let a client send so many a minute, evenly after that', () => {
    const { pass, advance } = start(2, 10);
    expect([pass('192.0.2.1'), pass('192.0.2.1'), pass('192.0.2.1')]).toEqual([0, 0, 30]);
    advance(29_999);
    expect(pass('192.0.2.1')).toBe(1);
    advance(1);
    expect([pass('192.0.2.1'), pass('192.0.2.1')]).toEqual([0, 30]);
  });

  it('never save up more than a minute’s worth', () => {
    const { pass, advance } = start(2, 10);
    pass('192.0.2.1');
    advance(3_600_000);
    expect([pass('192.0.2.1'), pass('192.0.2.1'), pass('192.0.2.1')]).toEqual([0, 0, 30]);
  });

  it('count each client alone, and all addresses of an IPv6 network as one', () => {
    const { pass } = start(1, 10);
    expect([pass('192.0.2.1'), pass('192.0.2.2'), pass('::ffff:192.0.2.1')]).toEqual([0, 0, 60]);
    expect([pass('2001:db8::1'), pass('2001:db8::2'), pass('2001:db8:0:1::1')]).toEqual([0, 60, 0]);
  });

  it('let all clients together send a server ten times as many', () => {
    const { pass } = start(1, 10);
    const waits = Array.from({ length: 11 }, (_, i) => pass(`192.0.2.${i}`));
    expect(waits).toEqual([...Array(10).fill(0), 6]);
    expect(pass('192.0.2.20', 'other.test')).toBe(0);
  });

  it('let so many be under way from a client and for a server', () => {
    const { enter, pass } = start(100, 1);
    const leave = enter('192.0.2.1', 'a.test');
    expect([pass('192.0.2.1', 'b.test'), pass('192.0.2.2', 'a.test')]).toEqual([1, 1]);
    expect(pass('192.0.2.2', 'b.test')).toBe(0);
    if (typeof leave === 'function') leave();
    expect([pass('192.0.2.1', 'b.test'), pass('192.0.2.2', 'a.test')]).toEqual([0, 0]);
  });

  it('cost nothing when they refuse', () => {
    const { enter, pass } = start(2, 1);
    const leave = enter('192.0.2.1', 'a.test');
    expect([pass('192.0.2.1'), pass('192.0.2.1')]).toEqual([1, 1]);
    if (typeof leave === 'function') leave();
    expect([pass('192.0.2.1'), pass('192.0.2.1')]).toEqual([0, 30]);
  });
});
