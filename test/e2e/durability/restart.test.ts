import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cpuSecondsOf } from '../../../bench/processes.ts';
import { type Api, apiOf, type Story } from '../../helpers/gates/api.ts';
import { ROOT, type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { startServe } from '../../helpers/gates/serve.ts';
import { type SinkOptions, type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { runProgram } from '../../helpers/programs/program.ts';

// What a gate does when it is told to stop, and what the next one on the same data folder makes of it.

const GOOD_END = { code: 0, signal: null };

let data: string;
let sinks: SmtpSink[];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'postern-restart-'));
  sinks = [];
});
afterEach(async () => {
  await Promise.all(sinks.map(sink => sink.close()));
  rmSync(data, { recursive: true, force: true });
});

async function startSink(options: SinkOptions = {}): Promise<SmtpSink> {
  const sink = await startSmtpSink(options);
  sinks.push(sink);
  return sink;
}

function start({ port }: SmtpSink): Promise<RunningGate> {
  return startGate({ data, smarthost: `127.0.0.1:${port}` });
}

function message(subject: string) {
  return { from: 'a@sender.test', to: 'b@rcpt.test', subject, text: 'x' };
}

/** How often each subject arrived. */
function arrivals({ messages }: SmtpSink): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { bytes } of messages) {
    const subject = /^Subject: (\S+)/m.exec(bytes.toString('latin1'))?.[1] ?? '';
    counts.set(subject, (counts.get(subject) ?? 0) + 1);
  }
  return counts;
}

describe('SIGTERM', () => {
  test('under load loses nothing and sends nothing twice, again and again', async () => {
    const sink = await startSink({
      async answer({ stage }) {
        if (stage === 'dot') await new Promise(resolve => setTimeout(resolve, 20));
        return undefined;
      },
    });
    const acknowledged = new Set<string>();
    for (let round = 0; round < 4; round++) {
      const gate = await start(sink);
      const clients = load(gate, `round-${round}`, acknowledged);
      const enough = acknowledged.size + 150;
      await until(() => acknowledged.size >= enough, 'some load');
      gate.kill('SIGTERM');
      expect(await gate.exited).toEqual(GOOD_END);
      await clients;
    }
    const gate = await start(sink);
    await apiOf(gate, gate.adminToken).reachEmptyQueue();
    expect(await gate.stop()).toEqual(GOOD_END);
    const counts = arrivals(sink);
    expect([...acknowledged].filter(subject => !counts.has(subject))).toEqual([]);
    expect([...counts].filter(([, count]) => count > 1)).toEqual([]);
  });

  test('lets the transaction under way end, takes nothing new meanwhile, and answers who waits for events', async () => {
    const reply = Promise.withResolvers<undefined>();
    const sink = await startSink({ answer: ({ stage }) => (stage === 'dot' ? reply.promise : undefined) });
    const gate = await start(sink);
    const api = apiOf(gate, gate.adminToken);
    const id = await api.send(message('under-way'));
    await sink.until(() => sink.messages.length === 1);
    const cursor = (await api.events()).at(-1)?.id;
    const waiting = api.call('GET', `/v1/events?after=${cursor}&wait=60`);
    // The answer shows that the one before it has been taken in too.
    await api.call('GET', '/v1/events?after=0');
    gate.kill('SIGTERM');
    expect((await waiting).status).toBe(200);
    await until(() => isRefused(gate), 'the gate to listen no more');
    reply.resolve(undefined);
    expect(await gate.exited).toEqual(GOOD_END);

    const next = await start(sink);
    const story = await apiOf(next, next.adminToken).reach(id, 'delivered');
    expect(story.attempts).toMatchObject([{ number: 1, phase: 'done' }]);
    await next.stop();
    expect(sink.messages).toHaveLength(1);
  });

  test.each([
    ['dot', 'unknown', [{ phase: 'dot' }, { phase: 'done', repeated: true }]],
    ['data', 'deferred', [{ phase: 'data' }, { phase: 'done' }]],
  ] as const)(
    'ends the wait for a reply to %s when the grace is over: %s',
    async (silent, state, attempts) => {
      let isWell = false;
      const sink = await startSink({
        answer: ({ stage }) => (stage === silent && !isWell ? { fault: 'silence' } : undefined),
      });
      const settings = {
        smarthost: `smtp://127.0.0.1:${sink.port}`,
        'delivery.graceMs': 200,
        'delivery.unknownRetryMs': 200,
      };
      const gate = await startServe({ data, settings });
      const id = await apiOf(gate, gate.adminToken).send(message('silence'));
      await sink.until(() =>
        sink.sessions.some(({ commands }) => commands.includes(silent === 'dot' ? '.' : 'DATA')),
      );
      expect(await gate.stop()).toMatchObject(GOOD_END);

      isWell = true;
      const next = await startServe({ data, settings });
      const api = apiOf(next, next.adminToken);
      if (state === 'deferred') await api.retry(id);
      const story = await api.reach(id, 'delivered');
      expect(story.attempts).toMatchObject(attempts);
      expect(story.events.map(({ type }) => type).filter(type => type !== 'retried')).toEqual([
        'accepted',
        state,
        'delivered',
      ]);
      expect(await next.stop()).toMatchObject(GOOD_END);
    },
  );
});

test('a second process on the same data folder is refused, and told which one is there', async () => {
  const gate = await start(await startSink());
  const args = [join(ROOT, 'bin', 'postern'), 'dev', '--http', '127.0.0.1:0', '--data', data];
  const { code, stdout, stderr } = await runProgram(process.execPath, args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`process ${gate.pid}`);
  expect(await apiOf(gate).call('POST', '/messages', message('still-there'))).toMatchObject({ status: 200 });
  expect(await gate.stop()).toEqual(GOOD_END);
});

test('what was accepted for later, its idempotency key and the keys of its sender outlive the process', async () => {
  const sink = await startSink();
  const gate = await start(sink);
  const sendAt = new Date(Date.now() + 500).toISOString();
  const later = { ...message('later'), sendAt, idempotencyKey: 'k' };
  const id = await apiOf(gate, gate.key).send(later);
  expect(await gate.stop()).toEqual(GOOD_END);

  await until(() => Date.now() > Date.parse(sendAt), 'its time');
  const next = await start(sink);
  expect(next.key).toBe(gate.key);
  const api = apiOf(next, gate.key);
  expect(await api.send(later)).toBe(id);
  await api.reach(id, 'delivered');
  await next.stop();
  expect(sink.messages).toHaveLength(1);
});

test('a backlog of 20,000 is no burden at start, and goes out once there is a way', async () => {
  const dead = await startSmtpSink();
  await dead.close();
  const gate = await start(dead);
  const emptyStart = cpuSecondsOf(gate.pid);
  const subjects = Array.from({ length: 20_000 }, (_, n) => `backlog-${n}`);
  await apiOf(gate, gate.adminToken).sendMany(subjects.map(message));
  expect(await gate.stop()).toEqual(GOOD_END);

  const way = Promise.withResolvers<undefined>();
  const sink = await startSink({ answer: ({ stage }) => (stage === 'connect' ? way.promise : undefined) });
  const next = await start(sink);
  // Until there is a way it sends nothing: all that it has done is to start.
  expect(cpuSecondsOf(next.pid)).toBeLessThan(2 * emptyStart);
  const api = apiOf(next, next.adminToken);
  expect(await api.call('GET', '/readyz')).toMatchObject({ status: 200 });
  // Those that were tried while there was no way wait for their next attempt.
  const tried = (await api.ask<{ messages: Story[] }>('GET', '/v1/messages?state=deferred&limit=1000'))
    .messages;
  expect(tried.length).toBeLessThan(1_000);
  way.resolve(undefined);
  await until(() => sink.messages.length >= subjects.length - tried.length, 'the backlog to go out');
  for (const { id } of tried) await api.retry(id);
  await until(() => sink.messages.length >= subjects.length, 'the rest of it');
  await api.reachEmptyQueue();
  expect(await next.stop()).toEqual(GOOD_END);
  expect([...arrivals(sink)].sort()).toEqual(subjects.map(subject => [subject, 1]).sort());
});

/** Twenty clients that send as fast as they are answered, until nobody answers. */
async function load({ http }: RunningGate, name: string, acknowledged: Set<string>): Promise<void> {
  const clients = Array.from({ length: 20 }, async (_, client) => {
    const api: Api = apiOf({ http });
    for (let n = 0; ; n++) {
      const subject = `${name}-${client}-${n}`;
      try {
        if ((await api.call('POST', '/messages', message(subject))).status !== 200) return;
        acknowledged.add(subject);
      } catch {
        return;
      }
    }
  });
  await Promise.all(clients);
}

async function isRefused({ http }: RunningGate): Promise<boolean> {
  return fetch(`${http}/healthz`).then(
    () => false,
    () => true,
  );
}
