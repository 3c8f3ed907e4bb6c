import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';

const BODY = 'canary-of-the-body';
const PASSWORD = 'canary-of-the-provider';

interface Line {
  readonly msg: string;
  readonly id?: string;
}

let sink: SmtpSink;
let gate: RunningGate;

beforeAll(async () => {
  sink = await startSmtpSink({ users: { shop: PASSWORD } });
  gate = await startGate({ smarthost: `shop:${PASSWORD}@127.0.0.1:${sink.port}` });
});
afterAll(async () => {
  await gate.stop();
  await sink.close();
});

function post(path: string, headers: Record<string, string>, message: object): Promise<Response> {
  return fetch(`${gate.http}${path}`, { method: 'POST', headers, body: JSON.stringify(message) });
}

function linesAbout(id: string | undefined): string[] {
  const lines = gate.log().split('\n').filter(Boolean);
  return lines.flatMap(text => {
    const line = JSON.parse(text) as Line;
    return line.id === id ? [line.msg] : [];
  });
}

describe('the log', () => {
  test('has one line for each message accepted and for each attempt', async () => {
    const message = { from: 'a@sender.test', to: 'b@rcpt.test', subject: 'x', text: BODY };
    const reply = await post('/v1/messages', { authorization: `Bearer ${gate.key}` }, message);
    const { id } = (await reply.json()) as { id: string };
    await until(() => linesAbout(id).length >= 2, 'both lines');
    expect(linesAbout(id)).toEqual(['accepted', 'attempt']);
    expect(sink.sessions.some(session => session.user === 'shop')).toBe(true);
  });

  test('has no body, no password and no key, whether they were right or wrong', async () => {
    await post('/v1/messages', { authorization: 'Bearer pk_9_canaryOfAWrongKey0123456789A' }, {});
    await post(`/v1/messages?authpass=canary-of-the-query`, {}, {});
    await post('/messages', {}, { from: 'a@sender.test', to: 'b@rcpt.test', subject: 'last', text: BODY });
    await until(() => sink.messages.some(({ bytes }) => bytes.includes('Subject: last')), 'the last message');
    await until(() => (gate.log().match(/"msg":"attempt"/g)?.length ?? 0) >= 2, 'its line');
    for (const secret of ['canary', gate.key, gate.adminToken, Buffer.from(PASSWORD).toString('base64')]) {
      expect(gate.log()).not.toContain(secret);
    }
  });
});
