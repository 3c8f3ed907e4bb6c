import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  appendFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../src/core/errors.ts';
import type { MessageView } from '../../src/core/message-view.ts';
import { createPickupTransport } from '../../src/delivery/transports/pickup.ts';
import { type PickupOptions, type PickupWatch, watchPickup } from '../../src/pickup/pickup.ts';
import type { Submit } from '../../src/submit/submit.ts';
import { testFolder } from '../helpers/gates/cli.ts';
import { createHarness } from '../helpers/gates/engine.ts';
import { until } from '../helpers/gates/gate.ts';
import { createReadableLog, type ReadableLog } from '../helpers/gates/readable-log.ts';
import { createWayIn, principal } from '../helpers/gates/way-in.ts';
import { rigOpener, type StoreRig } from '../helpers/stores/store-rig.ts';
import { freely, parcel } from '../suites/transport.ts';

const openRig = rigOpener(createHarness);
const ORDERS = 'x-sender: a@example.com\r\nx-receiver: b@example.net\r\n';
const MESSAGE = 'From: a@example.com\r\nSubject: s\r\n\r\nhello\r\n';
const FILE = ORDERS + MESSAGE;

let directory = '';
let rig: StoreRig;
let way: Submit;
let log: ReadableLog;

beforeEach(async () => {
  directory = testFolder();
  rig = await openRig();
  way = createWayIn(rig);
  log = createReadableLog();
});

/** Watches the directory until the test ends; looks often, and takes what was left alone for 100 ms. */
async function watch(changes: Partial<PickupOptions> = {}): Promise<PickupWatch> {
  const watching = await watchPickup({
    directory,
    submit: way.submit,
    principal: async () => principal,
    hostName: 'gate.example.com',
    maxBytes: 1024 * 1024,
    now: Date.now,
    log: log.logger,
    settleMs: 100,
    rescanMs: 100,
    ...changes,
  });
  onTestFinished(() => watching.stop());
  return watching;
}

/** The same for all files, as for copies of one that keep its time. */
const CHANGED_AT = Math.floor(Date.now() / 1_000) - 60;

/** Drops a file whole, last changed a minute ago. */
async function drop(name: string, content: string | Buffer = FILE): Promise<void> {
  const draft = join(directory, `.draft-${name}`);
  await writeFile(draft, content);
  await utimes(draft, CHANGED_AT, CHANGED_AT);
  await rename(draft, join(directory, name));
}

async function accepted(): Promise<readonly MessageView[]> {
  return (await rig.store.history.list({}, { limit: 2_000 })).items;
}

const names = () => readdir(directory);
const isEmpty = async () => (await names()).length === 0;
const rejected = (): Promise<readonly string[]> => readdir(join(directory, 'rejected')).catch(() => []);
const bodyOf = async ({ id }: MessageView) => String(await rig.store.history.body(id));

describe('a pickup directory that is watched', () => {
  it('takes in a file that is dropped, for its sender and receivers, and removes it', async () => {
    await watch();
    await drop(
      'one.eml',
      `x-sender: a@example.com\r\nx-receiver: b@example.net\r\nx-receiver: c@d.e\r\n${MESSAGE}`,
    );
    await until(isEmpty, 'the file to go');
    const [message, ...others] = await accepted();
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      dialect: 'pickup',
      account: 1,
      sender: 'a@example.com',
      recipients: [{ address: 'b@example.net' }, { address: 'c@d.e' }],
      subject: 's',
    });
  });

  it('says in a Received field how the message came, and changes nothing behind it', async () => {
    await watch();
    await drop('one.eml');
    await until(isEmpty, 'the file to go');
    const [message] = await accepted();
    const body = message && (await bodyOf(message));
    expect(body).toMatch(/^Received: by gate\.example\.com \(Postern\) with pickup; /);
    expect(body?.endsWith(MESSAGE)).toBe(true);
  });

  it('takes in what was there before it was watched, 1,000 files once each', async () => {
    for (let i = 0; i < 1_000; i++) await drop(`${i}.eml`, FILE.replace('Subject: s', `Subject: ${i}`));
    await watch();
    await until(isEmpty, 'all files to go');
    const subjects = (await accepted()).map(({ subject }) => Number(subject));
    expect(subjects.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  });

  it('reads what our own pickup provider writes', async () => {
    await watch();
    const mime = Buffer.from(MESSAGE);
    await createPickupTransport({ directory }).send(parcel({ mime }), freely());
    const [message] = await until(async () => {
      const list = await accepted();
      return list.length === 1 && list;
    }, 'the message');
    expect(message).toMatchObject({ sender: 'a@example.com', recipients: [{ address: 'b@example.net' }] });
    expect(message && (await bodyOf(message)).endsWith(MESSAGE)).toBe(true);
  });

  it('removes a file only once its message is durable', async () => {
    const durable = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const submit: Submit['submit'] = async (...args) => {
      asked.resolve();
      await durable.promise;
      return way.submit(...args);
    };
    await watch({ submit });
    await drop('one.eml');
    await asked.promise;
    expect(await names()).toEqual([expect.stringMatching(/^\.taking\.[0-9a-f]{16}\.one\.eml$/)]);
    durable.resolve();
    await until(isEmpty, 'the file to go');
    expect(await accepted()).toHaveLength(1);
  });

  it('takes a file in once when the process died between durable and removed', async () => {
    const died = Promise.withResolvers<void>();
    const submit: Submit['submit'] = async (...args) => {
      await way.submit(...args);
      died.resolve();
      throw new Error('the process died here');
    };
    const first = await watch({ submit });
    await drop('one.eml');
    await died.promise;
    await first.stop();
    expect(await names()).toEqual([expect.stringMatching(/^\.taking\.[0-9a-f]{16}\.one\.eml$/)]);
    await rig.restart();
    way = createWayIn(rig);
    await watch();
    await until(isEmpty, 'the file to go');
    expect(await accepted()).toHaveLength(1);
  });

  it('takes in equal files dropped under the same name one after another, each as a message', async () => {
    await watch();
    for (let count = 1; count <= 3; count++) {
      await drop('one.eml');
      await until(async () => (await accepted()).length === count && isEmpty(), `message ${count}`);
    }
  });

  it('leaves a file alone while it is being written', async () => {
    let aheadMs = 0;
    let looks = 0;
    const now = () => {
      looks++;
      return Date.now() + aheadMs;
    };
    await watch({ settleMs: 3_600_000, rescanMs: 20, now });
    const path = join(directory, 'slow.eml');
    await writeFile(path, ORDERS);
    for (const piece of MESSAGE.match(/.{1,6}/gs) ?? []) {
      const before = looks;
      await until(() => looks > before, 'a look at the file');
      await appendFile(path, piece);
    }
    expect(await names()).toEqual(['slow.eml']);
    aheadMs = 3_700_000;
    await until(isEmpty, 'the file to go');
    const [message] = await accepted();
    expect(message && (await bodyOf(message)).endsWith(MESSAGE)).toBe(true);
    expect(await rejected()).toEqual([]);
  });

  it('takes a file whose clock is ahead of ours once it has been still', async () => {
    await drop('future.eml');
    const tomorrow = Date.now() / 1_000 + 86_400;
    await utimes(join(directory, 'future.eml'), tomorrow, tomorrow);
    await watch();
    await until(isEmpty, 'the file to go');
    expect(await accepted()).toHaveLength(1);
  });

  it('leaves dot-files, other files and folders alone', async () => {
    await writeFile(join(directory, '.draft.eml'), FILE);
    await writeFile(join(directory, 'one.txt'), FILE);
    await mkdir(join(directory, 'folder.eml'));
    await watch();
    await drop('one.eml');
    await until(async () => (await accepted()).length === 1, 'the message');
    await until(async () => (await names()).length === 3, 'the file to go');
    expect((await names()).sort()).toEqual(['.draft.eml', 'folder.eml', 'one.txt']);
  });

  it('moves what cannot be read to rejected/, with the reason beside it', async () => {
    await watch();
    await drop('bad.eml', 'Subject: s\r\n\r\nhello\r\n');
    await until(async () => (await rejected()).includes('bad.eml'), 'the rejection');
    expect(await names()).toEqual(['rejected']);
    expect([...(await rejected())].sort()).toEqual(['bad.eml', 'bad.eml.reason']);
    expect(await readFile(join(directory, 'rejected', 'bad.eml.reason'), 'utf8')).toBe(
      'there is no x-sender line at its beginning\n',
    );
    expect(await readFile(join(directory, 'rejected', 'bad.eml'), 'utf8')).toBe(
      'Subject: s\r\n\r\nhello\r\n',
    );
    expect(log.lines).toContainEqual(expect.objectContaining({ msg: 'a pickup file was rejected' }));
  });

  it('rejects what the gate does not accept, with the words of the gate', async () => {
    const account = { ...principal.account, allowedSenders: ['@else.example'] };
    await watch({ principal: async () => ({ ...principal, account }) });
    await drop('foreign.eml');
    await until(async () => (await rejected()).includes('foreign.eml'), 'the rejection');
    expect(await readFile(join(directory, 'rejected', 'foreign.eml.reason'), 'utf8')).toBe(
      'The account default may not send as a@example.com.\n',
    );
  });

  it('never overwrites an earlier rejection', async () => {
    await watch();
    for (const content of ['first', 'second']) {
      await drop('bad.eml', content);
      await until(async () => (await names()).join() === 'rejected', content);
    }
    expect(await readFile(join(directory, 'rejected', 'bad.eml'), 'utf8')).toBe('first');
    expect(await readFile(join(directory, 'rejected', 'bad-2.eml'), 'utf8')).toBe('second');
  });

  it('rejects links and pipes: they could lead elsewhere, or keep it waiting', async () => {
    const secret = join(testFolder(), 'secret.eml');
    await writeFile(secret, FILE);
    await symlink(secret, join(directory, 'link.eml'));
    execFileSync('mkfifo', [join(directory, 'pipe.eml')]);
    await watch();
    await until(async () => (await rejected()).length === 4, 'the rejections');
    expect(await accepted()).toEqual([]);
  });

  it('rejects a file that is too large without reading it', async () => {
    await watch({ maxBytes: 2_000 });
    await drop('big.eml', FILE + 'x'.repeat(2_000));
    await until(async () => (await rejected()).includes('big.eml'), 'the rejection');
    expect(await readFile(join(directory, 'rejected', 'big.eml.reason'), 'utf8')).toMatch(
      /^it has 2\d{3} bytes; at most 2000 are accepted\n$/,
    );
  });

  it('leaves files where they are while the store is unavailable, and takes them in later', async () => {
    let isAvailable = false;
    let asked = 0;
    const submit: Submit['submit'] = async (...args) => {
      asked++;
      if (isAvailable) return way.submit(...args);
      throw new AppError('unavailable', 'There is no room for new mail now.', { retryAfterSeconds: 0.5 });
    };
    await watch({ submit });
    for (let i = 0; i < 100; i++) await drop(`${i}.eml`);
    await until(() => asked > 32, 'a second try');
    expect((await names()).filter(name => name.endsWith('.eml'))).toHaveLength(100);
    isAvailable = true;
    await until(isEmpty, 'all files to go');
    expect(await accepted()).toHaveLength(100);
  });

  it('takes nothing while its account is disabled', async () => {
    let isEnabled = false;
    await watch({ principal: async () => (isEnabled ? principal : undefined) });
    await drop('one.eml');
    await until(
      () => log.lines.some(({ msg }) => /account is missing or disabled/.test(String(msg))),
      'the pause',
    );
    expect(await names()).toEqual(['one.eml']);
    isEnabled = true;
  });

  it('goes on when one file meets an error that nobody expected', async () => {
    const submit: Submit['submit'] = async (who, submission, wait) => {
      if (submission.envelope.sender === 'bug@example.com') throw new Error('a bug');
      return way.submit(who, submission, wait);
    };
    await watch({ submit });
    await drop('bug.eml', FILE.replace('a@example.com', 'bug@example.com'));
    await drop('one.eml');
    await until(async () => (await accepted()).length === 1, 'the other message');
    await until(async () => (await names()).length === 1, 'the other file to go');
    expect(await names()).toEqual([expect.stringMatching(/^\.taking\.[0-9a-f]{16}\.bug\.eml$/)]);
    expect(log.lines).toContainEqual(
      expect.objectContaining({ msg: 'a pickup file could not be submitted' }),
    );
  });

  it('keeps a file apart from one of the same name that is still being taken in', async () => {
    let isAvailable = false;
    const submit: Submit['submit'] = async (...args) => {
      if (isAvailable) return way.submit(...args);
      throw new AppError('unavailable', 'Not now.', { retryAfterSeconds: 0.2 });
    };
    await watch({ submit });
    await drop('one.eml', FILE.replace('hello', 'first'));
    await until(async () => (await names()).join().startsWith('.taking.'), 'the first claim');
    await drop('one.eml', FILE.replace('hello', 'second'));
    isAvailable = true;
    await until(isEmpty, 'both files to go');
    const bodies = await Promise.all((await accepted()).map(bodyOf));
    expect(bodies.map(body => body.includes('first')).sort()).toEqual([false, true]);
  });

  it('waits for a directory that goes away to come back', async () => {
    await watch();
    await rm(directory, { recursive: true });
    await until(() => log.lines.some(({ msg }) => msg === 'the pickup directory cannot be read'), 'the log');
    await mkdir(directory);
    await drop('one.eml');
    await until(isEmpty, 'the file to go');
    expect(await accepted()).toHaveLength(1);
  });

  it('takes each file once when two watchers are at work', async () => {
    await Promise.all([watch(), watch()]);
    for (let i = 0; i < 100; i++) await drop(`${i}.eml`);
    await until(isEmpty, 'all files to go');
    expect(await accepted()).toHaveLength(100);
    expect(existsSync(join(directory, 'rejected'))).toBe(false);
  });

  it('ends a circle of pickup directories', async () => {
    const received = 'Received: by somewhere with pickup; Sat, 21 Nov 2026 12:00:00 +0000\r\n'.repeat(51);
    await watch();
    await drop('circle.eml', ORDERS + received + MESSAGE);
    await until(async () => (await rejected()).includes('circle.eml'), 'the rejection');
    expect(await readFile(join(directory, 'rejected', 'circle.eml.reason'), 'utf8')).toMatch(/a mail loop/);
  });

  it.each([
    ['is missing', 'missing', 'it does not exist'],
    ['is a file', 'file', 'it is not a directory'],
  ])('refuses to start when the directory %s', async (_, name, reason) => {
    await writeFile(join(directory, 'file'), '');
    const path = join(directory, name);
    await expect(watch({ directory: path })).rejects.toThrow(
      `The pickup directory ${path} cannot be used: ${reason}.`,
    );
  });
});

// Two links to one file are two drops: each has a name of its own.
describe('a file with two names', () => {
  it('is two messages', async () => {
    await drop('one.eml');
    await link(join(directory, 'one.eml'), join(directory, 'two.eml'));
    await watch();
    await until(isEmpty, 'both files to go');
    expect(await accepted()).toHaveLength(2);
  });
});
