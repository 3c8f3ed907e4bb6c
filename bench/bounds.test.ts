import { expect, test } from 'vitest';
import { judge, parseBounds } from './bounds.ts';
import { type Figures, summarise } from './summary.ts';

const figures: Figures = {
  acceptedPerSecond: 5_000,
  p50Ms: 7,
  p99Ms: 22,
  drainedPerSecond: 2_500,
  cpuSecondsPer1000: 0.3,
  serverSecondsPer1000: 0,
  peakMegabytes: 120,
  loadMicroseconds: 15,
  sinkMicroseconds: 15,
  slowdown: 1,
};
const verdict = (bounds: string, isDisturbed = false, growth = 1) =>
  judge(parseBounds(bounds), { medians: summarise([figures]), growth }, isDisturbed);

test('costs have a maximum, rates have a minimum', () => {
  expect(verdict('cpu=0.30,p50=7,p99=22,peak=120,accept=5000,drained=2500').isMet).toBe(true);
  for (const missed of ['cpu=0.29', 'p50=6', 'p99=21', 'peak=119', 'accept=5001', 'drained=2501']) {
    expect(verdict(missed)).toMatchObject({ isMet: false, lines: [expect.stringMatching(/^MISSED: /)] });
  }
});

test('on a disturbed machine, a missed rate does not count if the bound of CPU time is met', () => {
  expect(verdict('cpu=0.4,drained=3000', true)).toEqual({
    isMet: true,
    lines: [
      'met: 0.3 CPU seconds per 1,000, at most 0.4',
      'missed, but the machine was disturbed: 2500 drained/s, at least 3000',
    ],
  });
  expect(verdict('cpu=0.2,drained=3000', true).isMet).toBe(false);
  expect(verdict('drained=3000', true).isMet).toBe(false);
});

test('the cost of more nodes is compared with the cost of the first cluster, also on a disturbed machine', () => {
  expect(verdict('growth=1.1', false, 1.1).isMet).toBe(true);
  expect(verdict('cpu=0.4,growth=1.1', true, 1.2)).toMatchObject({
    isMet: false,
    lines: [
      expect.stringMatching(/^met/),
      'MISSED: 1.2 times the CPU time of the first cluster, at most 1.1',
    ],
  });
});

test('without bounds the verdict is met', () => {
  expect(verdict('')).toEqual({ isMet: true, lines: [] });
});

test.each(['cpu', 'cpu=', 'cpu=fast', 'cpu=-1', 'speed=9', 'toString=9', 'cpu=1,'])('%s is refused', text => {
  expect(() => parseBounds(text)).toThrow('is not NAME=NUMBER');
});
