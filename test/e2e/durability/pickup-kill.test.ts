import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../../helpers/gates/cli.ts';
import { until } from '../../helpers/gates/gate.ts';
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';

const FILES = 300;
const KILLS = 3;

interface Listed {
  readonly messages: readonly { readonly subject: string }[];
  readonly next: string | null;
}

/** The subjects of all messages that the gate has. */
async function subjects({ http, adminToken }: ServedGate): Promise<readonly string[]> {
  const found: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const query = new URLSearchParams({ limit: '100', ...(cursor !== null && { cursor }) });
    const headers = { authorization: `Bearer ${adminToken}` };
    const response = await fetch(`${http}/v1/messages?${query}`, { headers });
    const page = (await response.json()) as Listed;
    found.push(...page.messages.map(({ subject }) => subject));
    if (page.next === null) return found;
    cursor = page.next;
  }
}

const isTaken = (name: string) => !name.endsWith('.eml');

it(`takes in ${FILES} pickup files once each although the gate is killed ${KILLS} times meanwhile`, async () => {
  const [data, directory] = [testFolder(), testFolder()];
  for (let i = 0; i < FILES; i++) {
    const mail = `From: a@example.com\r\nSubject: file ${i}\r\n\r\nhello\r\n`;
    const draft = join(directory, `.${i}`);
    await writeFile(draft, `x-sender: a@example.com\r\nx-receiver: b@example.net\r\n${mail}`);
    await rename(draft, join(directory, `${i}.eml`));
  }
  const settings = { 'pickup.directory': directory };
  const left = async () => (await readdir(directory)).filter(name => !isTaken(name)).length;
  for (let kill = 1; kill <= KILLS; kill++) {
    const gate = await startServe({ data, settings });
    const soFar = await left();
    await until(async () => (await left()) < soFar, 'the gate to take in files');
    gate.kill('SIGKILL');
    await gate.ended;
  }
  const gate = await startServe({ data, settings });
  await until(async () => (await left()) === 0, 'all files to go');
  const expected = Array.from({ length: FILES }, (_, i) => `file ${i}`);
  expect([...(await subjects(gate))].sort()).toEqual(expected.sort());
  await gate.stop();
  await expect(readFile(join(directory, 'rejected'))).rejects.toThrow(/ENOENT/);
});
