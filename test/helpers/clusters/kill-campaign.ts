import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningGate, startGate, until } from '../gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../mail-servers/smtp-sink.ts';
import { scaled } from '../programs/patience.ts';

// kill -9 under load, again and again, on one data folder; then the books are balanced: every acknowledged message
// must have arrived, and whatever arrived twice must have been recorded as unknown before.

export interface KillCampaignOptions {
  readonly kills: number;
  /** The checkout to run; absent: this one. */
  readonly root?: string;
  /** The store of the gates; absent: SQLite in their data folder. */
  readonly store?: string;
  /** Makes the lease of the dead gate end at once, where that has one that outlives it. */
  readonly endLease?: () => Promise<void>;
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
  readonly id: string;
  readonly type: string;
  readonly messageId: string | null;
}

const CLIENTS = 20;
const DOT_DELAY_MS = 50;
const LONGEST_LIFE_MS = 700;
const SHORTEST_LIFE_MS = 250;
/** Between two messages of a client: about as much comes in as the slow far end takes, so that the queue stays short. */
const PAUSE_MS = 30;
const RESCUE_MS = scaled(5_000);

export async function runKillCampaign(options: KillCampaignOptions): Promise<KillReport> {
  const { kills, root, store, endLease } = options;
  const data = mkdtempSync(join(tmpdir(), 'postern-kill-'));
  const sink = await startSmtpSink({
    answer: step => (step.stage === 'dot' ? later(DOT_DELAY_MS).then(() => undefined) : undefined),
  });
  const start = () =>
    startGate({
      ...{ data, smarthost: `127.0.0.1:${sink.port}`, ...(root !== undefined && { root }) },
      ...(store !== undefined && { args: ['--store', store] }),
    });
  const acknowledged = new Set<string>();
  const unknowns = new Map<string, number>();
  const perKill: { unknown: number; connections: number }[] = [];
  const note = (names: readonly string[]) => {
    for (const name of names) unknowns.set(name, (unknowns.get(name) ?? 0) + 1);
  };
  let cursor = '0';
  let gate = await start();
  try {
    for (let kill = 0; kill < kills; kill++) {
      await loadUntil(kill, gate, acknowledged, sink);
      const connections = sink.sessions.filter(session => !session.isClosed).length;
      gate.kill('SIGKILL');
      await gate.exited;
      await endLease?.();
      gate = await start();
      const found = await readUnknowns(gate, cursor);
      cursor = found.cursor;
      note(found.names);
      perKill.push({ unknown: new Set(found.names).size, connections });
    }
    await until(() => isDrained(gate), 'the queue to be empty');
    note(await unknownSince(gate, cursor));
    return { ...balance(sink, acknowledged, unknowns), kills, perKill };
  } finally {
    await gate.stop();
    await sink.close();
    rmSync(data, { recursive: true, force: true });
  }
}

/** Sends from many clients for a random while, and until a dot has just come; they go on until the gate is gone. */
async function loadUntil(
  kill: number,
  gate: RunningGate,
  acknowledged: Set<string>,
  { messages }: SmtpSink,
): Promise<void> {
  let isAlive = true;
  void gate.exited.then(() => {
    isAlive = false;
  });
  for (let client = 0; client < CLIENTS; client++) void send(client);
  await later(SHORTEST_LIFE_MS + Math.random() * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
  const before = messages.length;
  await until(() => messages.length > before, 'a dot');

  async function send(client: number): Promise<void> {
    for (let n = 0; isAlive; n++) {
      const name = `kill-${kill}-${client}-${n}`;
      if (await post(gate, name)) acknowledged.add(name);
      await later(PAUSE_MS);
    }
  }
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

/** The subjects of the messages that were recorded as unknown since the cursor, once the dead process is looked after. */
async function readUnknowns(gate: RunningGate, after: string): Promise<{ names: string[]; cursor: string }> {
  // When the dead process held nothing, nothing is said.
  const deadline = Date.now() + RESCUE_MS;
  const isRescued = () => gate.log().includes('took over from a process that died') || Date.now() > deadline;
  await until(isRescued, 'the gate to look after its predecessor');
  const events = await readEvents(gate, after);
  return { names: await namesOf(gate, events), cursor: events.at(-1)?.id ?? after };
}

/** The subjects of the messages that were recorded as unknown since the cursor. */
async function unknownSince(gate: RunningGate, after: string): Promise<string[]> {
  return namesOf(gate, await readEvents(gate, after));
}

function namesOf(gate: RunningGate, events: readonly Event[]): Promise<string[]> {
  const unknown = events.filter(event => event.type === 'unknown');
  return Promise.all(
    unknown.map(
      async ({ messageId }) => (await read<{ subject: string }>(gate, `/v1/messages/${messageId}`)).subject,
    ),
  );
}

async function isDrained(gate: RunningGate): Promise<boolean> {
  const pages = await Promise.all(
    ['queued', 'deferred', 'unknown'].map(state =>
      read<{ messages: unknown[] }>(gate, `/v1/messages?state=${state}&limit=1`),
    ),
  );
  return pages.every(page => page.messages.length === 0);
}

function balance(sink: SmtpSink, acknowledged: ReadonlySet<string>, unknowns: ReadonlyMap<string, number>) {
  const copies = new Map<string, number>();
  for (const { bytes } of sink.messages) {
    const name = /^Subject: (\S+)/m.exec(bytes.toString('latin1'))?.[1] ?? '';
    copies.set(name, (copies.get(name) ?? 0) + 1);
  }
  const unexplained = [...copies].filter(([name, count]) => count > 1 + (unknowns.get(name) ?? 0));
  return {
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter(name => !copies.has(name)),
    duplicates: [...copies.values()].filter(count => count > 1).length,
    unexplained: unexplained.map(([name]) => name),
  };
}

function later(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
