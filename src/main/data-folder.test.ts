import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { watchChild } from '../../test/helpers/programs/children.ts';
import {
  DataFolderInUse,
  holdDataFolder,
  type Purpose,
  reachableUrl,
  readHolder,
  readOperatorToken,
} from './data-folder.ts';

let path: string;
beforeEach(() => {
  const parent = mkdtempSync(join(tmpdir(), 'postern-folder-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  path = join(parent, 'data');
});

async function hold(purpose: Purpose = 'gate', waitMs = 0) {
  const folder = await holdDataFolder(path, { purpose, random: randomBytes, waitMs });
  onTestFinished(() => folder.release());
  return folder;
}

/** Starts another process that holds the folder until it is killed. */
async function holdElsewhere(): Promise<ChildProcess> {
  const script = `
    import { randomBytes } from 'node:crypto';
    import { holdDataFolder } from ${JSON.stringify(new URL('./data-folder.ts', import.meta.url).href)};
    const folder = await holdDataFolder(process.argv[1], { purpose: 'gate', random: randomBytes, waitMs: 0 });
    folder.publish({ host: '127.0.0.1', port: 8000 });
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script, path], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  watchChild(child);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.signalCode === null) await once(child, 'exit');
  });
  await once(child.stdout, 'data');
  return child;
}

describe('holdDataFolder', () => {
  it('creates a folder with mode 0700 and an operator token that stays the same', async () => {
    const first = await hold();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(first.operatorToken).toMatch(/^pk_0_/);
    first.release();
    expect((await hold()).operatorToken).toBe(first.operatorToken);
    expect(readOperatorToken(path)).toBe(first.operatorToken);
  });

  it('publishes the process that holds the folder and its address, until the release', async () => {
    const folder = await hold();
    expect(readHolder(path)).toEqual({ pid: process.pid, purpose: 'gate' });
    folder.publish({ host: '0.0.0.0', port: 8000 });
    expect(readHolder(path)).toEqual({ pid: process.pid, purpose: 'gate', http: 'http://127.0.0.1:8000' });
    folder.release();
    expect(readHolder(path)).toBeUndefined();
    folder.release();
  });

  it('refuses a folder that another process holds, and names that process', async () => {
    const child = await holdElsewhere();
    const refused = hold();
    await expect(refused).rejects.toThrow(`in use by process ${child.pid}`);
    await expect(refused).rejects.toMatchObject({
      holder: { pid: child.pid, http: 'http://127.0.0.1:8000' },
    });
  });

  it('refuses a second hold in the same process and keeps the first one', async () => {
    await hold();
    await expect(hold()).rejects.toThrow(DataFolderInUse);
    await expect(hold()).rejects.toThrow(`process ${process.pid}`);
  });

  it('takes the folder of a process that was killed and left its files', async () => {
    const child = await holdElsewhere();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readHolder(path)?.pid).toBe(child.pid);
    await hold();
    expect(readHolder(path)?.pid).toBe(process.pid);
  });

  it('waits until a command ends, but does not wait for a gate', async () => {
    const command = await hold('command');
    const waiting = hold('gate', 20_000);
    command.release();
    await waiting;
    await expect(hold('command', 20_000)).rejects.toThrow(DataFolderInUse);
  });

  it('fails after the wait when a command does not end', async () => {
    await hold('command');
    await expect(hold('gate', 60)).rejects.toThrow(DataFolderInUse);
  });
});

describe('reachableUrl', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:80'],
    ['0.0.0.0', 'http://127.0.0.1:80'],
    ['::', 'http://[::1]:80'],
    ['::1', 'http://[::1]:80'],
    ['gate.example', 'http://gate.example:80'],
  ])('of a listener on %s is %s', (host, url) => {
    expect(reachableUrl({ host, port: 80 })).toBe(url);
  });
});
