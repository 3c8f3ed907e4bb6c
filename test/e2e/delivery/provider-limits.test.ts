import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Api, apiOf } from '../../helpers/gates/api.ts';
import { type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';

// What the far end sees of a provider's limits, and what of them survives a restart.

let folder: string;
let gate: RunningGate;
let api: Api;
let sink: SmtpSink;
/** How many dots were read. */
let sentCount: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-limits-'));
  sentCount = 0;
  sink = await startSmtpSink({
    answer({ stage }) {
      if (stage === 'dot') sentCount += 1;
      return undefined;
    },
  });
  await start();
});
afterEach(async () => {
  await gate.stop();
  await sink.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  gate = await startGate({ data: folder });
  api = apiOf(gate, gate.adminToken);
}

/** A provider before the inbox of development mode; gives its id. */
function addProvider(settings: Readonly<Record<string, unknown>>): Promise<number> {
  const { host, port } = sink;
  return api.addProvider({ host, port, encryption: 'none', senderDomains: ['a.test'], ...settings });
}

async function removeInbox(): Promise<void> {
  const { providers } = await api.ask<{ providers: { id: number; kind: string }[] }>('GET', '/v1/providers');
  for (const { id, kind } of providers) {
    if (kind === 'capture') await api.ask('DELETE', `/v1/providers/${id}`);
  }
}

async function send(count: number): Promise<void> {
  const mail = { from: 'x@a.test', to: 'y@b.test', text: 'x' };
  await Promise.all(Array.from({ length: count }, () => api.send(mail)));
}

test('twenty a second are no more than twenty a second', async () => {
  await removeInbox();
  await addProvider({ maxPerSecond: 20 });
  const startedAt = performance.now();
  await send(110);
  await until(() => sentCount === 110, 'all of it to be sent');
  // The first twenty may go at once; each further twenty need a second, whatever the machine does in between.
  expect(90 / ((performance.now() - startedAt) / 1_000)).toBeLessThan(22);
});

test('a cap of an hour lets exactly so many leave, over a restart as well', async () => {
  await removeInbox();
  const provider = await addProvider({ maxPerHour: 30 });
  await send(20);
  await until(() => sentCount === 20, 'the first twenty');
  await gate.stop();
  await start();
  await removeInbox();
  await send(25);
  await until(() => sentCount === 30, 'the rest of the hour');
  // Raised by two, exactly two more leave.
  await api.ask('PATCH', `/v1/providers/${provider}`, { maxPerHour: 32 });
  await until(() => sentCount >= 32, 'two more');
  await gate.stop();
  expect(sentCount).toBe(32);
  await start();
  await removeInbox();
  await api.ask('PATCH', `/v1/providers/${provider}`, { maxPerHour: null });
  await until(() => sentCount === 45, 'what had waited');
});
