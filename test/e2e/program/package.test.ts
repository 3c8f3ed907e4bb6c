import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, startGate } from '../../helpers/gates/gate.ts';
import { runProgram } from '../../helpers/programs/program.ts';

const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** What `npm pack` makes, installed as somebody would who only has the tarball. */
describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-package-'));
  const home = join(folder, 'elsewhere');
  const installed = join(home, 'node_modules', name);

  beforeAll(async () => {
    await npm(ROOT, 'pack', '--pack-destination', folder);
    mkdirSync(home);
    writeFileSync(join(home, 'package.json'), '{ "private": true }');
    await npm(home, 'install', '--prefer-offline', join(folder, `${name}-${version}.tgz`));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test('ships compiled JavaScript, the launcher and what the code reads, and nothing else', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter(
      path => !path.startsWith('node_modules'),
    );
    expect(files).toEqual(
      expect.arrayContaining([
        ...['bin/postern', 'dist/cli/cli.js', 'tools/node/package-lock.json', 'LICENSE'],
        'dashboard/dist/index.html',
      ]),
    );
    expect(files.filter(path => path.endsWith('.ts') || path.includes('.test.'))).toEqual([]);
    const sql = filesEnding(join(ROOT, 'src'), '.sql');
    expect(sql.length).toBeGreaterThan(0);
    expect(filesEnding(join(installed, 'dist'), '.sql')).toEqual(sql);
  });

  test('says its version', async () => {
    expect(await postern('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('says what it can do', async () => {
    const { code, stdout } = await postern('--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Usage: postern/);
    for (const command of ['dev', 'serve', 'send'])
      expect(stdout).toMatch(new RegExp(`^ +${command}\\b`, 'm'));
  });

  test('takes a message in, and stops when told to', async () => {
    const gate = await startGate({ root: installed });
    const answer = await fetch(`${gate.http}/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ from: 'a@example.com', to: 'b@example.com', subject: 's', text: 't' }),
    });
    expect(answer.status).toBe(200);
    expect(await (await fetch(gate.http)).text()).toContain('<title>Postern</title>');
    expect(await gate.stop()).toEqual({ code: 0, signal: null });
  });

  function postern(...args: readonly string[]) {
    return runProgram(process.execPath, [join(installed, 'bin', 'postern'), ...args], { cwd: home });
  }
});

async function npm(folder: string, ...args: readonly string[]): Promise<void> {
  const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
  const { code, stdout, stderr } = await runProgram('npm', [...args, ...flags], {
    cwd: folder,
  });
  if (code !== 0) throw new Error(`npm ${args[0]} ended with ${code}:\n${stdout}${stderr}`);
}

function filesEnding(folder: string, end: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith(end))
    .sort();
}
