import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Arrival,
  describeFarEnd,
  describeTransport,
  type FarEndHarness,
  freely,
  parcel,
} from '../../../test/suites/transport.ts';
import { createPickupTransport } from './pickup.ts';

async function makeHarness(): Promise<FarEndHarness> {
  const directory = await mkdtemp(join(tmpdir(), 'pickup-'));
  const transport = createPickupTransport({ directory });
  const leave = (): Promise<void> => rm(directory, { recursive: true, force: true });
  return {
    transport,
    arrivals: () => readArrivals(directory),
    leave,
    async close() {
      await transport.close();
      await leave();
    },
  };
}

/** Reads the directory as PowerMTA does: the leading command fields, then the message. */
async function readArrivals(directory: string): Promise<readonly Arrival[]> {
  const names = (await readdir(directory)).filter(name => name.endsWith('.eml'));
  return Promise.all(names.map(async name => readCommandFields(await readFile(join(directory, name)))));
}

function readCommandFields(file: Buffer): Arrival {
  const [fields] = /^(?:x-(?:sender|receiver): [^\r\n]*\r\n)+/.exec(file.toString('latin1')) ?? [''];
  const values = (name: string): string[] =>
    [...fields.matchAll(new RegExp(`^${name}: (.*)\r$`, 'gm'))].map(found => found[1] ?? '');
  const sender = values('x-sender').join();
  return {
    sender: sender === '<>' ? '' : sender,
    recipients: values('x-receiver'),
    mime: file.subarray(fields.length),
  };
}

describeTransport('pickup', makeHarness);
describeFarEnd('pickup', makeHarness);

describe('the pickup transport', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pickup-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('writes one file with a name of 16 hexadecimal digits and mode 0644', async () => {
    const umask = process.umask(0o077);
    try {
      await createPickupTransport({ directory }).send(parcel({}), freely());
    } finally {
      process.umask(umask);
    }
    const [name = '', ...others] = await readdir(directory);
    expect(name).toMatch(/^[0-9a-f]{16}\.eml$/);
    expect(others).toEqual([]);
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o644);
  });

  it('writes the command fields first, one line each', async () => {
    const mime = Buffer.from('Subject: s\r\n\r\nhello\r\n');
    const transport = createPickupTransport({ directory, newName: () => '0123456789abcdef' });
    await transport.send(parcel({ mime }), freely());
    expect(await readFile(join(directory, '0123456789abcdef.eml'), 'utf8')).toBe(
      'x-sender: a@example.com\r\nx-receiver: b@example.net\r\nSubject: s\r\n\r\nhello\r\n',
    );
  });

  it('removes command fields of the sender, folded and in any case, and nothing else', async () => {
    const fields = [
      'X-Sender: evil@example.com\r\n',
      'x-receiver: evil@example.com\r\n',
      'X-VIRTUAL-MTA: other\r\n ,more\r\n',
      'x-envid: 1\r\nx-job: 2\r\nx-dsn-notify: 3\r\nX-DSN: 4\r\n',
    ].join('');
    const kept = 'Subject: s\r\nX-Sender-Id: 7\r\nX-Jobs: 8\r\n';
    const mime = Buffer.from(`${fields}${kept}\r\nx-sender: in the body\r\n`);
    await createPickupTransport({ directory }).send(parcel({ mime }), freely());
    const [arrival] = await readArrivals(directory);
    expect(arrival?.mime.toString()).toBe(`${kept}\r\nx-sender: in the body\r\n`);
  });

  it('shows no .eml file before beforeDot resolves, and leaves no file when it rejects', async () => {
    const transport = createPickupTransport({ directory });
    let names: readonly string[] = [];
    const beforeDot = async (): Promise<void> => {
      names = await readdir(directory);
      throw new Error('held back');
    };
    await expect(transport.send(parcel({}), { ...freely(), beforeDot })).rejects.toThrow('held back');
    expect(names).toEqual([expect.stringMatching(/^\.[0-9a-f]{16}$/)]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('never overwrites a draft', async () => {
    const transport = createPickupTransport({ directory, newName: () => '0000000000000000' });
    const sent = await Promise.all([1, 2].map(() => transport.send(parcel({}), freely())));
    expect(sent.map(({ phase }) => phase).sort()).toEqual(['connect', 'done']);
    expect(await readdir(directory)).toHaveLength(1);
  });

  it('reports the phase dot when the directory disappears just before the rename', async () => {
    const beforeDot = (): Promise<void> => rm(directory, { recursive: true });
    const transmission = await createPickupTransport({ directory }).send(parcel({}), {
      ...freely(),
      beforeDot,
    });
    expect(transmission).toMatchObject({ phase: 'dot', error: 'it does not exist' });
  });

  it('names a missing directory in the report of a check', async () => {
    const missing = join(directory, 'missing');
    const report = await createPickupTransport({ directory: missing }).check(freely().signal);
    expect(report).toMatchObject({
      ok: false,
      stages: [{ stage: 'directory', ok: false, detail: `${missing} cannot be written: it does not exist` }],
    });
  });
});
