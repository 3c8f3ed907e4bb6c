import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { postern, type RunningCommand, startPostern, testFolder } from '../../helpers/gates/cli.ts';
import { until } from '../../helpers/gates/gate.ts';

const MESSAGE = JSON.stringify({
  sender: 'bounce@shop.example',
  from: { name: 'Shop', address: 'shop@shop.example' },
  to: 'ada@customer.example',
  bcc: 'copy@shop.example',
  subject: 'Hello',
  text: 'It works.',
});

interface Started {
  readonly command: RunningCommand;
  readonly http: string;
  readonly pickup: string;
  readonly data: string;
}

/** `postern powermta` as a process, until the test ends. */
async function start(...args: readonly string[]): Promise<Started> {
  const data = testFolder();
  return startIn(data, ...args);
}

async function startIn(data: string, ...args: readonly string[]): Promise<Started> {
  const command = await startPostern(['powermta', '--json', '--data', data, ...args]);
  onTestFinished(async () => {
    command.kill('SIGKILL');
    await command.end;
  });
  return { command, data, ...JSON.parse(command.stdout()) };
}

const post = (http: string, path = '/messages') => fetch(http + path, { method: 'POST', body: MESSAGE });

const filesIn = (directory: string) => readdirSync(directory).filter(name => name.endsWith('.eml'));

describe('postern powermta', () => {
  it.each([
    ['-listen and -pickup, as the original has them', '-listen', '-pickup'],
    ['--listen and --pickup', '--listen', '--pickup'],
  ])('takes %s', async (_, listen, pickup) => {
    const directory = testFolder();
    const { http } = await start(listen, '127.0.0.1:0', pickup, directory);
    const response = await post(http);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('0');
    expect(response.headers.get('content-type')).toBeNull();
    await until(() => filesIn(directory).length === 1, 'the file');
  });

  it('writes a file as PowerMTA reads it, from the message of a client without a key', async () => {
    const directory = testFolder();
    const { http } = await start('--listen', '127.0.0.1:0', '--pickup', directory);
    await post(http);
    const [name = ''] = await until(() => filesIn(directory).length === 1 && filesIn(directory), 'the file');
    expect(name).toMatch(/^[0-9a-f]{16}\.eml$/);
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o644);
    const text = readFileSync(join(directory, name), 'utf8');
    expect(text).toMatch(
      /^x-sender: bounce@shop\.example\r\nx-receiver: ada@customer\.example\r\nx-receiver: copy@shop\.example\r\nFrom: Shop <shop@shop\.example>\r\n/,
    );
    expect(text).toContain('Content-Transfer-Encoding: quoted-printable\r\n');
    expect(text).not.toMatch(/^bcc:/im);
  });

  it('goes to another directory when it is started with another', async () => {
    const [first, second] = [testFolder(), testFolder()];
    const { command, data } = await start('--listen', '127.0.0.1:0', '--pickup', first);
    await command.stop();
    const { http } = await startIn(data, '--listen', '127.0.0.1:0', '--pickup', second);
    await post(http);
    await until(() => filesIn(second).length === 1, 'the file');
    expect(filesIn(first)).toEqual([]);
  });

  it('speaks no other API', async () => {
    const { http } = await start('--listen', '127.0.0.1:0', '--pickup', testFolder());
    const paths = ['/api/mail/send', '/api/v2/mail/send', '/api/smtp', '/api/new_address', '/inbox'];
    const answers = await Promise.all(paths.map(path => post(http, path)));
    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 404));
  });

  it.each([
    ['is missing', 'missing', 'it does not exist'],
    ['is a file', 'file', 'it is not a directory'],
  ])('refuses to start when the directory %s', async (_, name, reason) => {
    const folder = testFolder();
    mkdirSync(join(folder, 'data'));
    const path = name === 'file' ? import.meta.filename : join(folder, name);
    const args = ['--listen', '127.0.0.1:0', '--pickup', path, '--data', join(folder, 'data')];
    const { code, stderr } = await postern(['powermta', ...args]);
    expect(stderr).toBe(`postern: The pickup directory ${path} cannot be used: ${reason}.\n`);
    expect(code).toBe(1);
  });

  it('refuses a configured smarthost: all mail goes to the directory', async () => {
    const env = { POSTERN_SMARTHOST: 'smtp://127.0.0.1:25' };
    const args = ['powermta', '--pickup', testFolder(), '--data', testFolder()];
    const { code, stderr } = await postern(args, { env });
    expect(stderr).toMatch(/^postern: A smarthost is configured/);
    expect(code).toBe(1);
  });
});
