import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCutoff } from './time-limit.ts';

describe('the cutoff of an attempt', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('stops at the end of its time', () => {
    const cutoff = createCutoff(new AbortController().signal, 100);
    vi.advanceTimersByTime(99);
    expect([cutoff.signal.aborted, cutoff.isTimedOut]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([cutoff.signal.aborted, cutoff.isTimedOut]).toEqual([true, true]);
  });

  it('stops when nobody waits, also when nobody ever did', () => {
    const caller = new AbortController();
    const cutoff = createCutoff(caller.signal, 100);
    caller.abort();
    expect([cutoff.signal.aborted, cutoff.isTimedOut]).toEqual([true, false]);
    expect(createCutoff(caller.signal, 100).signal.aborted).toBe(true);
  });

  it('holds on for its time once the message is sent', () => {
    const caller = new AbortController();
    const cutoff = createCutoff(caller.signal, 100);
    cutoff.holdOn();
    caller.abort();
    expect(cutoff.signal.aborted).toBe(false);
    vi.advanceTimersByTime(100);
    expect(cutoff.isTimedOut).toBe(true);
  });

  it('leaves nothing behind', () => {
    const caller = new AbortController();
    const cutoff = createCutoff(caller.signal, 100);
    cutoff.end();
    caller.abort();
    expect([vi.getTimerCount(), cutoff.signal.aborted]).toEqual([0, false]);
  });
});
