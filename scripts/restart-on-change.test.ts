import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../test/helpers/gates/gate.ts';
import { restartOnChange } from './restart-on-change.ts';

/** Writes its process id to a file when it starts, and `end` when it gets SIGTERM. */
const PROGRAM = `import { appendFileSync } from 'node:fs';
const log = new URL('../log', import.meta.url);
process.on('SIGTERM', () => { appendFileSync(log, 'end\\n'); process.exit(); });
appendFileSync(log, process.pid + '\\n');
setInterval(() => {}, 1000);
`;

function startLoop(text = PROGRAM) {
  const folder = mkdtempSync(join(tmpdir(), 'postern-restart-'));
  const [sources, log] = [join(folder, 'src'), join(folder, 'log')];
  const program = join(sources, 'program.ts');
  mkdirSync(sources);
  writeFileSync(log, '');
  writeFileSync(program, text);
  const [stop, kill] = [new AbortController(), new AbortController()];
  const said: string[] = [];
  const loop = restartOnChange({
    command: [program],
    folder: sources,
    isSource: path => path.endsWith('.ts'),
    ...{ stop: stop.signal, kill: kill.signal },
    print: line => said.push(line),
  });
  onTestFinished(async () => {
    stop.abort();
    kill.abort();
    await loop;
    rmSync(folder, { recursive: true });
  });
  return {
    ...{ program, said, loop },
    stop: () => stop.abort(),
    kill: () => kill.abort(),
    lines: () => readFileSync(log, 'utf8').split('\n').slice(0, -1),
  };
}

const isRunning = (pid: string | undefined) => {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
};

test('a change ends the program with SIGTERM and starts it again', async () => {
  const { program, lines, said } = startLoop();
  await until(() => lines().length === 1, 'the first start');
  appendFileSync(program, '// changed\n');
  await until(() => lines().length === 3, 'the second start');
  const [first, end, second] = lines();
  expect(end).toBe('end');
  expect(second).not.toBe(first);
  expect(said).toEqual(['Restarting: program.ts has changed.']);
});

test('a program that cannot start is started again after the next change', async () => {
  const { program, lines, said } = startLoop();
  await until(() => lines().length === 1, 'the first start');
  writeFileSync(program, 'process.exit(3);');
  await until(() => said.length === 2, 'the end');
  expect(said[1]).toBe('The program ended (3). It restarts at the next change.');
  writeFileSync(program, PROGRAM);
  await until(() => lines().length === 3, 'the third start');
});

test('stop ends the program and the loop', async () => {
  const { lines, stop, loop } = startLoop();
  await until(() => lines().length === 1, 'the start');
  stop();
  await loop;
  expect(lines().at(-1)).toBe('end');
  expect(isRunning(lines()[0])).toBe(false);
});

test('kill ends a program that ignores SIGTERM', async () => {
  const { lines, stop, kill, loop } = startLoop(PROGRAM.replace('process.exit();', ''));
  await until(() => lines().length === 1, 'the start');
  stop();
  await until(() => lines().length === 2, 'SIGTERM');
  kill();
  await loop;
  expect(isRunning(lines()[0])).toBe(false);
});
