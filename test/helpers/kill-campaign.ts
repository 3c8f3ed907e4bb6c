import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningGate, startGate, until } from './gate.ts';
import { type SmtpSink, startSmtpSink } from './smtp-sink.ts';

// kill -9 under load, again and again, on one data folder; then the books are balanced: every acknowledged message
// must have arrived, and whatever arrived twice must have been recorded as unknown before.

export interface KillCampaignOptions {
  readonly kills: number;
  /** The checkout to run; absent: this one. */
  readonly root?: string;
}

export interface KillReport {
  readonly kills: number;
  readonly acknowledged: number;
  /** Acknowledged, and neither at the far end nor ended otherwise. */
  readonly lost: readonly string[];
  readonly duplicates: number;
  /** Arrived more often than once and than attempts were recorded as unknown. */
  readonly unexplained: readonly string[];
  /** After each kill: messages recorded as unknown, and the SMTP connections there were. */
  readonly perKill: readonly { readonly unknown: number; readonly connections: number }[];
}

interface Event {
  readonly seq: string;
  readonly type: string;
  readonly messageId: string | null;
}

const CLIENTS = 20;
const DOT_DELAY_MS = 50;
const LONGEST_LIFE_MS = 700;
const SHORTEST_LIFE_MS = 250;
const DRAIN_MS = 60_000;

export async function runKillCampaign({ kills, root }: KillCampaignOptions): Promise<KillReport> {
  const data = mkdtempSync(join(tmpdir(), 'postern-kill-'));
  const sink = await startSmtpSink({
    answer: step => (step.stage === 'dot' ? later(DOT_DELAY_MS).then(() => undefined) : undefined),
  });
  const start = () =>
    startGate({ data, smarthost: `127.0.0.1:${sink.port}`, ...(root !== undefined && { root }) });
  const acknowledged = new Set<string>();
  const perKill: { unknown: number; connections: number }[] = [];
  let gate = await start();
  try {
    for (let kill = 0; kill < kills; kill++) {
      const before = await lastSeq(gate);
      await loadUntilKilled(gate, kill, acknowledged);
      const connections = sink.sessions.filter(session => !session.isClosed).length;
      gate = await start();
      perKill.push({ unknown: await countUnknown(gate, before), connections });
    }
    await until(() => isDrained(gate), 'the queue to be empty', DRAIN_MS);
    return { ...(await balance(gate, sink, acknowledged)), kills, perKill };
  } finally {
    await gate.stop();
    await sink.close();
    rmSync(data, { recursive: true, force: true });
  }
}

async function loadUntilKilled(gate: RunningGate, kill: number, acknowledged: Set<string>): Promise<void> {
  let isAlive = true;
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let n = 0; isAlive; n++) {
      const name = `kill-${kill}-${client}-${n}`;
      if (await post(gate, name)) acknowledged.add(name);
    }
  });
  await later(SHORTEST_LIFE_MS + Math.random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
  gate.kill('SIGKILL');
  await gate.exited;
  isAlive = false;
  await Promise.all(clients);
}

/** Whether the message was acknowledged: the whole answer was read. */
async function post(gate: RunningGate, name: string): Promise<boolean> {
  try {
    const reply = await fetch(`${gate.http}/messages`, {
      method: 'POST',
      body: JSON.stringify({
        from: 'a@sender.test',
        to: 'b@rcpt.test',
        subject: name,
        text: 'x'.repeat(2_000),
      }),
    });
    await reply.arrayBuffer();
    return reply.status === 200;
  } catch {
    await later(20);
    return false;
  }
}

async function read<T>(gate: RunningGate, path: string): Promise<T> {
  const reply = await fetchFresh(`${gate.http}${path}`, { authorization: `Bearer ${gate.adminToken}` });
  if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`);
  return (await reply.json()) as T;
}

/** fetch keeps connections to gates that were killed, and a new gate may have an old one's port: then once more. */
function fetchFresh(url: string, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { headers }).catch(() => fetch(url, { headers }));
}

async function readEvents(gate: RunningGate, after: string): Promise<Event[]> {
  const events: Event[] = [];
  for (let cursor = after; ; ) {
    const page = await read<{ events: Event[]; cursor: string }>(
      gate,
      `/v1/events?after=${cursor}&limit=1000`,
    );
    events.push(...page.events);
    if (page.events.length < 1_000) return events;
    cursor = page.cursor;
  }
}

async function lastSeq(gate: RunningGate): Promise<string> {
  return (await readEvents(gate, '0')).at(-1)?.seq ?? '0';
}

/** The rescue of the dead incarnation is done once nothing of it is leased; its unknowns are the first events. */
async function countUnknown(gate: RunningGate, after: string): Promise<number> {
  await until(() => /took over|listening/.test(gate.log()), 'the gate to look after its predecessor');
  await later(300);
  const events = await readEvents(gate, after);
  const messages = events.filter(event => event.type === 'unknown').map(event => event.messageId);
  return new Set(messages).size;
}

async function isDrained(gate: RunningGate): Promise<boolean> {
  const pages = await Promise.all(
    ['queued', 'deferred', 'unknown'].map(state =>
      read<{ messages: unknown[] }>(gate, `/v1/messages?state=${state}&limit=1`),
    ),
  );
  return pages.every(page => page.messages.length === 0);
}

async function balance(gate: RunningGate, sink: SmtpSink, acknowledged: ReadonlySet<string>) {
  const copies = new Map<string, number>();
  for (const { bytes } of sink.messages) {
    const name = /^Subject: (\S+)/m.exec(bytes.toString('latin1'))?.[1] ?? '';
    copies.set(name, (copies.get(name) ?? 0) + 1);
  }
  const unknowns = await countUnknownRecords(gate);
  const unexplained = [...copies].filter(([name, count]) => count > 1 + (unknowns.get(name) ?? 0));
  return {
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter(name => !copies.has(name)),
    duplicates: [...copies.values()].filter(count => count > 1).length,
    unexplained: unexplained.map(([name]) => name),
  };
}

/** How often each message was recorded as unknown, by its subject. */
async function countUnknownRecords(gate: RunningGate): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const events = await readEvents(gate, '0');
  for (const { messageId } of events.filter(event => event.type === 'unknown')) {
    const { subject } = await read<{ subject: string }>(gate, `/v1/messages/${messageId}`);
    counts.set(subject, (counts.get(subject) ?? 0) + 1);
  }
  return counts;
}

function later(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
