import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDeadline } from './deadline.ts';

describe('deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const start = () => {
    let expired = 0;
    const deadline = createDeadline(() => expired++);
    return { deadline, expired: () => expired };
  };

  it('expires once, when its time is over', () => {
    const { deadline, expired } = start();
    deadline.set(100);
    vi.advanceTimersByTime(99);
    expect(expired()).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(expired()).toBe(1);
  });

  it('can be moved later and earlier', () => {
    const { deadline, expired } = start();
    deadline.set(100);
    vi.advanceTimersByTime(50);
    deadline.set(100);
    vi.advanceTimersByTime(99);
    expect(expired()).toBe(0);
    deadline.set(10);
    vi.advanceTimersByTime(10);
    expect(expired()).toBe(1);
  });

  it('is moved later without a new timer', () => {
    const { deadline } = start();
    for (let i = 0; i < 1_000; i++) deadline.set(600_000);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('does not expire after clear, and can be set again', () => {
    const { deadline, expired } = start();
    deadline.set(100);
    deadline.clear();
    vi.advanceTimersByTime(1_000);
    expect([expired(), vi.getTimerCount()]).toEqual([0, 0]);
    deadline.set(100);
    vi.advanceTimersByTime(100);
    expect(expired()).toBe(1);
  });
});
