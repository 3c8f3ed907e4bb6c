import { expect, test } from 'vitest';
import {
  cpuSecondsOf,
  familyOf,
  memoryBytesOf,
  parseMemoryBytes,
  parsePeakBytes,
  parseStat,
  peakBytesOf,
} from './processes.ts';

test('times are parsed after a program name with spaces and brackets', () => {
  const line = '123 (a) b (c) S 45 123 123 0 -1 4194304 1 2 3 4 150 25 7 3 20 0 11 0 9999 1 2\n';
  expect(parseStat(line)).toEqual({ pid: 123, parent: 45, cpuSeconds: 1.85 });
});

test('the peak memory is parsed from the status, and is 0 if it is absent', () => {
  expect(parsePeakBytes('VmPeak:\t  99 kB\nVmHWM:\t  1234 kB\nVmRSS:\t 12 kB\n')).toBe(1_234 * 1_024);
  expect(parsePeakBytes('Name:\tzombie\n')).toBe(0);
});

test('the current memory is parsed from the status, and is 0 if it is absent', () => {
  expect(parseMemoryBytes('VmPeak:\t  99 kB\nVmHWM:\t  1234 kB\nVmRSS:\t 12 kB\n')).toBe(12 * 1_024);
  expect(parseMemoryBytes('Name:\tzombie\n')).toBe(0);
});

test('a family is a process with all its descendants', () => {
  const process = (pid: number, parent: number) => ({ pid, parent, cpuSeconds: 0 });
  const processes = [process(1, 0), process(5, 1), process(6, 5), process(7, 6), process(8, 1)];
  expect(familyOf(5, processes).map(({ pid }) => pid)).toEqual([5, 6, 7]);
});

test.runIf(process.platform === 'linux')('the CPU time and the memory of this process are above 0', () => {
  expect(cpuSecondsOf(process.pid)).toBeGreaterThan(0);
  expect(peakBytesOf(process.pid)).toBeGreaterThanOrEqual(process.memoryUsage.rss() / 2);
  expect(memoryBytesOf(process.pid)).toBeGreaterThan(1_000_000);
});
