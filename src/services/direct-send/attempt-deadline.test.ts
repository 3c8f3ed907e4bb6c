import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAttemptDeadline } from './attempt-deadline.ts';

describe('the deadline of an attempt', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('stops at the end of its time', () => {
    const deadline = createAttemptDeadline(new AbortController().signal, 100);
    vi.advanceTimersByTime(99);
    expect([deadline.signal.aborted, deadline.isTimedOut]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([deadline.signal.aborted, deadline.isTimedOut]).toEqual([true, true]);
  });

  it('stops when nobody waits, also when nobody ever did', () => {
    const caller = new AbortController();
    const deadline = createAttemptDeadline(caller.signal, 100);
    caller.abort();
    expect([deadline.signal.aborted, deadline.isTimedOut]).toEqual([true, false]);
    expect(createAttemptDeadline(caller.signal, 100).signal.aborted).toBe(true);
  });

  it('holds on for its time once the message is sent', () => {
    const caller = new AbortController();
    const deadline = createAttemptDeadline(caller.signal, 100);
    deadline.ignoreCaller();
    caller.abort();
    expect(deadline.signal.aborted).toBe(false);
    vi.advanceTimersByTime(100);
    expect(deadline.isTimedOut).toBe(true);
  });

  it('leaves nothing behind', () => {
    const caller = new AbortController();
    const deadline = createAttemptDeadline(caller.signal, 100);
    deadline.clear();
    caller.abort();
    expect([vi.getTimerCount(), deadline.signal.aborted]).toEqual([0, false]);
  });
});
