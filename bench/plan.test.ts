import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';
import { connectionsOf, planRounds } from './plan.ts';

function options(...args: string[]) {
  const request = parseOptions(args);
  if (request.kind !== 'run') throw new Error(`${args}: ${request.kind}`);
  return request.options;
}

function plan(...args: string[]) {
  return planRounds(options(...args));
}

test('one gate has a warm-up and rounds with different message numbers', () => {
  expect(plan('--messages', '10', '--rounds', '2')).toEqual([
    { number: 0, cluster: 0, first: 0, count: 10 },
    { number: 1, cluster: 0, first: 10, count: 10 },
    { number: 2, cluster: 0, first: 20, count: 10 },
  ]);
});

test('clusters take turns, and every gate gets the same number of messages', () => {
  const rounds = plan('--store', 'postgres', '--nodes', '1,3', '--messages', '10', '--rounds', '2');
  expect(rounds.map(({ number, cluster, count }) => [number, cluster, count])).toEqual([
    ...[
      [0, 0, 10],
      [0, 1, 30],
    ],
    ...[
      [1, 0, 10],
      [1, 1, 30],
    ],
    ...[
      [2, 0, 10],
      [2, 1, 30],
    ],
  ]);
  for (const [i, { first, count }] of rounds.entries())
    expect(rounds[i + 1]?.first ?? first + count).toBe(first + count);
});

test('each gate has the given number of connections, unless the gates divide them', () => {
  expect(connectionsOf(options(), 3)).toEqual({ connections: 150, smtpConnections: 60 });
  expect(connectionsOf(options('--divide'), 3)).toEqual({ connections: 50, smtpConnections: 20 });
});
