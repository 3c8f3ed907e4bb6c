import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type CommandEnd,
  type CommandOptions,
  postern,
  type RunningCommand,
  startPostern,
  testFolder,
} from '../../helpers/gates/cli.ts';
import { type GateAnnouncement, until } from '../../helpers/gates/gate.ts';
import { startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';

const FREE = ['--http', '127.0.0.1:0', '--smtp', '127.0.0.1:0'];

/** A port that somebody listens on. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A command that is ended with the test when it still runs. */
async function startInTest(args: readonly string[], options?: CommandOptions): Promise<RunningCommand> {
  const command = await startPostern(args, options);
  onTestFinished(async () => {
    command.kill('SIGKILL');
    await command.end;
  });
  return command;
}

async function startDev(data: string, ...args: string[]): Promise<RunningCommand & GateAnnouncement> {
  const command = await startInTest(['dev', '--json', ...FREE, '--data', data, ...args]);
  return { ...command, ...(JSON.parse(command.stdout()) as GateAnnouncement) };
}

async function ask(url: string, key?: string): Promise<Response> {
  return fetch(url, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } });
}

/** The JSON that a command printed; fails with what it said when it did not end well. */
function jsonOf<T>({ code, stdout, stderr }: CommandEnd): T {
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as T;
}

describe('postern dev', () => {
  it('prints one JSON object on its first line, whose credentials work', async () => {
    const gate = await startDev(testFolder());
    expect(JSON.parse(gate.stdout())).toEqual({
      http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      smtp: expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/),
      account: {
        authuser: 'default',
        authpass: gate.account.key,
        key: expect.stringMatching(/^pk_\d+_\w{27,}$/),
      },
      adminToken: expect.stringMatching(/^pk_0_\w{27,}$/),
      tempMail: {
        domains: [expect.any(String)],
        jwtSecret: expect.stringMatching(/^\w{32}$/),
        adminPassword: expect.stringMatching(/^\w{32}$/),
      },
    });
    expect((await ask(`${gate.http}/v1/messages`, gate.account.key)).status).toBe(200);
    expect((await ask(`${gate.http}/v1/providers`, gate.account.key)).status).toBe(403);
    expect((await ask(`${gate.http}/v1/providers`, gate.adminToken)).status).toBe(200);
    expect((await ask(`${gate.http}/v1/messages`, 'pk_1_wrong')).status).toBe(401);
  });

  it('keeps its credentials through a restart, in files that only their owner reads', async () => {
    const data = testFolder();
    const first = await startDev(data);
    expect(await first.stop()).toMatchObject({ code: 0, signal: null });
    const second = await startDev(data);
    const { account, adminToken, tempMail } = first;
    expect(second).toMatchObject({ account, adminToken, tempMail });
    for (const file of ['development-key', 'development-temp-mail.json', 'operator-token']) {
      expect(statSync(join(data, file)).mode & 0o777, file).toBe(0o600);
    }
  });

  it('makes new credentials when the store does not know the old ones', async () => {
    const data = testFolder();
    const first = await startDev(data);
    await first.stop();
    const second = await startDev(data, '--store', `sqlite:${join(data, 'other.sqlite')}`);
    expect(second.account.key).not.toBe(first.account.key);
    expect((await ask(`${second.http}/v1/messages`, second.account.key)).status).toBe(200);
  });

  it('prints lines for a shell that work as they are, and a line for each message that comes in', async () => {
    const gate = await startInTest(['dev', ...FREE, '--data', testFolder()]);
    const guide = await until(() => gate.stdout().includes('Ctrl-C') && gate.stdout(), 'the guide');
    const lines = guide.slice(guide.indexOf('  export')).split('\n');
    const script = lines.filter(line => line.startsWith('  ')).join('\n');
    const checked = `set -eu\n${script}\necho "$POSTERN_KEY $POSTERN_ADMIN_TOKEN $TEMP_MAIL_ADMIN"`;
    const said = execFileSync('sh', ['-c', checked], { encoding: 'utf8', stdio: 'pipe' });
    // Nothing to the first and the third.
    expect(said).toMatch(
      /^\{"id":"\w{13}",.*\}\{"status":"ok"\}\{"messages":\[.*\}pk_1_\w+ pk_0_\w+ \w{32}\n$/,
    );
    for (const name of ['PowerMTA', 'Postern', 'SMTP', 'temp-mail']) {
      const line = new RegExp(
        `^\\d\\d:\\d\\d:\\d\\d  \\S+@\\S+ → customer@example.org  Hello from ${name}$`,
        'm',
      );
      await until(() => line.test(gate.stdout()), `the line about ${name}`);
    }
  });

  it('delivers to a smarthost instead of the inbox', async () => {
    const sink = await startSmtpSink();
    onTestFinished(() => sink.close());
    const data = testFolder();
    await startDev(data, '--smarthost', `smtp://127.0.0.1:${sink.port}`);
    jsonOf(
      await postern([
        'send',
        '--data',
        data,
        '--json',
        '--from',
        'a@sender.test',
        '--to',
        'b@rcpt.test',
        '--text',
        'x',
      ]),
    );
    await until(() => sink.messages.length === 1, 'the message');
    expect(sink.messages[0]).toMatchObject({ sender: 'a@sender.test', recipients: ['b@rcpt.test'] });
  });

  it('refuses a data folder that another gate has, and names its process', async () => {
    const data = testFolder();
    const gate = await startDev(data);
    const { code, stderr, stdout } = await postern(['dev', ...FREE, '--data', data]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^postern: .* in use by process ${gate.pid}\\. .*\\n$`));
  });

  it('takes over the data folder of a gate that was killed', async () => {
    const data = testFolder();
    const killed = await startDev(data);
    killed.kill('SIGKILL');
    await killed.end;
    expect((await startDev(data)).account).toEqual(killed.account);
  });

  it('says in one sentence that its port is taken, and what to do', async () => {
    const port = await takenPort();
    const { code, stderr } = await postern(['dev', '--http', `127.0.0.1:${port}`, '--data', testFolder()]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `postern: Port ${port} on 127.0.0.1 is already in use. Stop the other program or pass ` +
        '--http 127.0.0.1:8001 (port 0 selects a free port).\n',
    );
  });

  it('ends at once at the second signal, although an attempt is under way', async () => {
    const sink = await startSmtpSink({
      answer: ({ stage }) => (stage === 'dot' ? { fault: 'silence' } : undefined),
    });
    onTestFinished(() => sink.close());
    const data = testFolder();
    const gate = await startDev(data, '--smarthost', `smtp://127.0.0.1:${sink.port}`);
    const sent = [
      'send',
      '--data',
      data,
      '--json',
      '--from',
      'a@sender.test',
      '--to',
      'b@rcpt.test',
      '--text',
      'x',
    ];
    const { id } = jsonOf<{ id: string }>(await postern(sent));
    await until(async () => {
      const story = (await (await ask(`${gate.http}/v1/messages/${id}`, gate.adminToken)).json()) as {
        isLeased: boolean;
      };
      return story.isLeased && sink.sessions.length > 0;
    }, 'the attempt');
    gate.kill('SIGTERM');
    await until(
      () =>
        ask(`${gate.http}/healthz`).then(
          () => false,
          () => true,
        ),
      'the listener to close',
    );
    gate.kill('SIGTERM');
    expect(await gate.end).toMatchObject({ code: 143 });
  });
});

describe('postern serve', () => {
  it('runs with a configuration file and variables, and ends well at SIGINT', async () => {
    const folder = testFolder();
    const config = join(folder, 'postern.yaml');
    writeFileSync(config, `data: ${join(folder, 'data')}\nlog: { level: error }\n`);
    const options = { env: { POSTERN_HTTP_PORT: '0' } };
    const gate = await startInTest(['serve', '--config', config], options);
    const url = /http:\/\/\S+\d/.exec(gate.stdout())?.[0];
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/inbox`)).status).toBe(404);
    gate.kill('SIGINT');
    expect(await gate.end).toMatchObject({ code: 0, stderr: '' });
  });

  it('refuses a wrong configuration with every problem, and no stack', async () => {
    const folder = testFolder();
    const config = join(folder, 'postern.yaml');
    writeFileSync(config, 'http: { port: many }\nstore: postgres://bob:canary@db/mail\nlogs: {}\n');
    const { code, stderr } = await postern(['serve', '--config', config]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/logs is not a setting/);
    expect(stderr).toMatch(/http\.port must be a whole number from 0 to 65535, found "many"/);
    expect(stderr).not.toMatch(/canary|\.ts:/);
  });

  it('does not let mail of development mode’s inbox stay there in production', async () => {
    const data = testFolder();
    const dev = await startDev(data);
    await dev.stop();
    const gate = await startInTest(['serve', '--data', data], { env: { POSTERN_HTTP_PORT: '0' } });
    expect(jsonOf(await postern(['provider', 'list', '--json', '--data', data]))).toEqual([]);
    await gate.stop();
  });
});

/** The commands on one data folder. */
function commandsOn(data: string) {
  const run = (...args: string[]) => postern([...args, '--data', data]);
  const json = async <T>(...args: string[]): Promise<T> => jsonOf(await run(...args, '--json'));
  const send = (args: readonly string[], input = '') =>
    postern(['send', '--json', '--data', data, ...args], { input });
  return { run, json, send };
}

describe('the commands on a running gate', () => {
  const data = mkdtempSync(join(tmpdir(), 'postern-cli-'));
  const { run, json, send } = commandsOn(data);
  let gate: RunningCommand;
  beforeAll(async () => {
    gate = await startPostern(['dev', '--json', ...FREE, '--data', data]);
  });
  afterAll(async () => {
    await gate.stop();
    rmSync(data, { recursive: true });
  });

  it('manage providers', async () => {
    const password = join(data, 'password');
    writeFileSync(password, 'canary\n');
    const login = ['--username', 'bob', '--password-file', password, '--encryption', 'ssl'];
    const added = await json<{ id: number }>(
      'provider',
      'add',
      '--host',
      'mail.invalid',
      ...login,
      '--domain',
      'x.test',
    );
    expect(added).toMatchObject({
      host: 'mail.invalid',
      port: 465,
      username: 'bob',
      senderDomains: ['x.test'],
    });
    expect(JSON.stringify(added)).not.toContain('canary');
    expect((await run('provider', 'list')).stdout).toMatch(/mail\.invalid:465 \(ssl\) +x\.test/);
    const check = await run('provider', 'check', String(added.id), '--json');
    expect(check.code).toBe(1);
    expect(JSON.parse(check.stdout)).toMatchObject({ ok: false, stages: [{ stage: 'dns', ok: false }] });
    expect(await json('provider', 'remove', String(added.id))).toEqual({ id: added.id, removed: true });
    expect(await run('provider', 'remove', String(added.id))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^postern: There is no provider \d+\.\n$/),
    });
  });

  it('say all that is wrong with a provider', async () => {
    const { code, stderr } = await run(
      'provider',
      'add',
      '--host',
      'no host',
      '--username',
      'bob',
      '--send-from',
      'x',
    );
    expect(code).toBe(1);
    for (const field of ['host', 'password', 'sendFrom']) expect(stderr).toContain(field);
  });

  it('manage keys', async () => {
    const made = await json<{ id: number; secret: string }>('key', 'create', '--name', 'shop');
    expect(made.secret).toMatch(new RegExp(`^pk_${made.id}_\\w{27}$`));
    expect((await run('key', 'create', '--name', 'people')).stdout).toMatch(/^pk_\d+_\w{27}$/m);
    expect(await run('key', 'create', '--name', 'x', '--account', 'nobody')).toMatchObject({
      code: 1,
      stderr: 'postern: account: there is no account "nobody"; existing accounts: default\n',
    });
    const shop = ['--new-account', 'shop', '--allow', '@shop.example'];
    expect(await json('key', 'create', '--name', 'y', ...shop)).toMatchObject({ account: 2 });
    expect(await json('key', 'revoke', String(made.id))).toEqual({ id: made.id, revoked: true });
    const keys = await json<{ id: number; revokedAt: string | null }[]>('key', 'list');
    expect(keys.find(key => key.id === made.id)?.revokedAt).toMatch(/^20/);
    expect(JSON.stringify(keys)).not.toContain(made.secret);
  });

  it('send a message from flags and standard input, and show it', async () => {
    const file = join(data, 'report.txt');
    writeFileSync(file, 'figures');
    const flags = [
      '--from',
      'Shop <shop@sender.test>',
      '--to',
      'a@rcpt.test',
      '--bcc',
      'b@rcpt.test',
      '--subject',
      'Grüße',
    ];
    const sent = jsonOf<{ id: string }>(await send([...flags, '--attach', file], 'from standard input\n'));
    const raw = await run('queue', 'show', sent.id, '--raw');
    expect(raw.stdout).toContain('from standard input');
    expect(raw.stdout).toContain('report.txt');
    expect(raw.stdout).not.toContain('b@rcpt.test');
    const shown = await run('queue', 'show', sent.id);
    expect(shown.stdout).toContain('Grüße');
    expect(shown.stdout).toContain('b@rcpt.test');
    expect(shown.stdout).toContain('accepted');
  });

  it('send a composed message as it is, to whom its header says', async () => {
    const mime =
      'From: shop@sender.test\nTo: a@rcpt.test\nBcc: b@rcpt.test\nSubject: raw\nX-Odd:  kept  as is\n\nbody\n';
    const sent = jsonOf<{ id: string }>(await send(['--raw', '-'], mime));
    const story = await json<{ recipients: { address: string }[] }>('queue', 'show', sent.id);
    expect(story.recipients.map(one => one.address)).toEqual(['a@rcpt.test', 'b@rcpt.test']);
    const raw = (await run('queue', 'show', sent.id, '--raw')).stdout;
    expect(raw).toContain('X-Odd:  kept  as is\r\n\r\nbody\r\n');
    expect(raw).not.toContain('Bcc');
  });

  it('find, call back and try again', async () => {
    const later = [
      '--from',
      'shop@sender.test',
      '--to',
      'later@rcpt.test',
      '--text',
      'x',
      '--at',
      '2026-12-01T00:00:00Z',
    ];
    const at = new Date(Date.now() + 86_400_000).toISOString();
    const { id } = jsonOf<{ id: string }>(await send([...later.slice(0, -1), at]));
    // Not the mail of the tests before, which may still be queued.
    const ours = ['--recipient', 'later@rcpt.test'];
    const list = (state: string) =>
      json<{ messages: { id: string }[] }>('queue', 'list', ...ours, '--state', state);
    expect((await list('queued')).messages.map(one => one.id)).toEqual([id]);
    expect((await list('delivered')).messages).toEqual([]);
    expect((await run('queue', 'list', '--recipient', 'nobody@rcpt.test')).stdout).toBe('No messages.\n');
    expect(await json('queue', 'cancel', id)).toMatchObject({ recipients: [{ state: 'cancelled' }] });
    expect(await run('queue', 'cancel', id)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Nothing is left to cancel/),
    });
    expect(await run('queue', 'retry', 'nothing')).toMatchObject({
      code: 1,
      stderr: 'postern: There is no such message.\n',
    });
  });

  it('say what is wrong with a message', async () => {
    const { code, stderr } = await send(['--from', 'nobody', '--to', 'nobody', '--text', 'x']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/to .*\n.*from /);
    const mixed = await send(['--raw', '-', '--subject', 'x'], 'To: a@rcpt.test\n\n');
    expect(mixed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--subject cannot be used with --raw'),
    });
  });

  it('migrate', async () => {
    expect(await json('migrate')).toEqual({ migrated: true });
  });
});

describe('the command line', () => {
  it('exits with 2 when it is used wrongly, and with 0 after help', async () => {
    expect(await postern(['queue', 'show'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: /),
    });
    expect(await postern(['send', '--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Examples:'),
    });
  });

  it('works without a running gate as well, and mail that it takes goes out once there is one', async () => {
    const data = testFolder();
    const { run, json, send } = commandsOn(data);
    const { id } = await json<{ id: number }>('provider', 'add', '--host', 'mail.invalid');
    expect(await json('provider', 'list')).toMatchObject([{ id, host: 'mail.invalid' }]);
    const flags = ['--from', 'shop@sender.test', '--to', 'a@rcpt.test'];
    const sent = jsonOf<{ id: string }>(await send(flags, 'from standard input'));
    expect((await run('queue', 'show', sent.id, '--raw')).stdout).toContain('from standard input');
    expect((await run('send', ...flags, '--text', 'x')).stdout).toContain('No gate is running');
    expect((await run('key', 'create', '--name', 'x')).stdout).toMatch(/^pk_1_/m);
    expect(await json('migrate')).toEqual({ migrated: true });
    await startDev(data);
    const isDelivered = async () => (await run('queue', 'show', sent.id)).stdout.includes('delivered');
    await until(isDelivered, 'the delivery into the inbox');
  });

  it('works one after the other in one folder, never two at once', async () => {
    const data = join(testFolder(), 'data');
    mkdirSync(data);
    const names = ['a', 'b', 'c', 'd'];
    const made = await Promise.all(
      names.map(name => postern(['key', 'create', '--json', '--name', name, '--data', data])),
    );
    const ids = made.map(end => (jsonOf(end) as { id: number }).id);
    expect(ids.toSorted()).toEqual([1, 2, 3, 4]);
  });
});
