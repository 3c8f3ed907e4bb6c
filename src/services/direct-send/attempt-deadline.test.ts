import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAttemptDeadline } from './attempt-deadline.ts';

describe('createAttemptDeadline', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('aborts when the time is over', () => {
    const deadline = createAttemptDeadline(new AbortController().signal, 100);
    vi.advanceTimersByTime(99);
    expect([deadline.signal.aborted, deadline.isTimedOut]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([deadline.signal.aborted, deadline.isTimedOut]).toEqual([true, true]);
  });

  it('aborts when the caller has gone, also if the caller has gone before', () => {
    const caller = new AbortController();
    const deadline = createAttemptDeadline(caller.signal, 100);
    caller.abort();
    expect([deadline.signal.aborted, deadline.isTimedOut]).toEqual([true, false]);
    expect(createAttemptDeadline(caller.signal, 100).signal.aborted).toBe(true);
  });

  it('ignores the caller after ignoreCaller, and then aborts only when the time is over', () => {
    const caller = new AbortController();
    const deadline = createAttemptDeadline(caller.signal, 100);
    deadline.ignoreCaller();
    caller.abort();
    expect(deadline.signal.aborted).toBe(false);
    vi.advanceTimersByTime(100);
    expect(deadline.isTimedOut).toBe(true);
  });

  it('removes its timer and its listener', () => {
    const caller = new AbortController();
    const deadline = createAttemptDeadline(caller.signal, 100);
    deadline.clear();
    caller.abort();
    expect([vi.getTimerCount(), deadline.signal.aborted]).toEqual([0, false]);
  });
});
