import { expect, test } from 'vitest';
import { type BenchOptions, parseOptions } from './options.ts';

function optionsOf(...args: string[]): Partial<BenchOptions> {
  const request = parseOptions(args);
  if (request.kind !== 'run') throw new Error(`${args}: ${request.kind}`);
  return request.options;
}

test('without arguments the options are those of the standard job', () => {
  expect(optionsOf()).toMatchObject({
    api: 'messages',
    hasAttachment: false,
    connections: 50,
    smtpConnections: 20,
    isDivided: false,
    messages: 10_000,
    rounds: 5,
    delayMs: 0,
    store: 'sqlite',
    nodes: [1],
  });
});

test('--latency and --attachment change the defaults of other options', () => {
  expect(optionsOf('--latency')).toMatchObject({ connections: 1, messages: 2_000 });
  expect(optionsOf('--latency', '--messages', '10')).toMatchObject({
    connections: 1,
    messages: 10,
  });
  expect(optionsOf('--attachment')).toMatchObject({ api: 'v1', messages: 1_000 });
});

test('--nodes sets the numbers of gates that share a PostgreSQL', () => {
  const url = 'postgres://user:secret@127.0.0.1:5432/postern';
  expect(optionsOf('--store', 'postgres')).toMatchObject({ store: 'postgres', nodes: [1] });
  expect(optionsOf('--store', url, '--nodes', '1,2,3', '--smtp-connections', '7', '--divide')).toMatchObject({
    ...{ store: url, nodes: [1, 2, 3] },
    ...{ connections: 50, smtpConnections: 7, isDivided: true, messages: 10_000 },
  });
});

test.each([
  [['--store', 'mysql'], '--store: mysql'],
  [['--nodes', '2'], 'only with --store postgres'],
  [['--store', 'postgres', '--nodes', '1,'], '--nodes'],
  [['--store', 'postgres', '--nodes', '0'], '--nodes: 0'],
  [['--messages', '0'], '--messages: 0'],
  [['--delay', '-1'], '--delay'],
  [['--rounds', '1.5'], '--rounds: 1.5'],
  [['--api', 'v2'], '--api: v2'],
  [['--api', 'messages', '--attachment'], 'only v1'],
  [['--require', 'cpu'], '--require: cpu'],
  [['--messages', '1000001'], '--messages: 1000001'],
  [['--messages', '1000000', '--rounds', '99', '--store', 'postgres', '--nodes', '2'], 'more than 100000000'],
  [['--smtp-connections', '0'], '--smtp-connections: 0'],
  [['--fast'], '--fast'],
  [['now'], 'now'],
])('%j is invalid', (args, problem) => {
  expect(parseOptions(args)).toEqual({ kind: 'invalid', problem: expect.stringContaining(problem) });
});

test('--help overrides all other options', () => {
  expect(parseOptions(['--help', '--rounds', '3'])).toEqual({ kind: 'help' });
});
