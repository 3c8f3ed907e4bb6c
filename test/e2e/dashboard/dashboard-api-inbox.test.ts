import { expect, it, onTestFinished } from 'vitest';
import { apiOf } from '../../helpers/gates/api.ts';
import { startServe } from '../../helpers/gates/serve.ts';

const MAIL = { from: 'a@shop.test', to: 'b@x.test', text: 'x' };

async function setUp(settings: Readonly<Record<string, string>> = {}) {
  const gate = await startServe({ settings });
  onTestFinished(async () => void (await gate.stop()));
  return apiOf(gate, gate.adminToken);
}

it('DELETE /v1/messages deletes all final messages of the inbox', async () => {
  const api = await setUp();
  const ids = await api.sendMany([MAIL, MAIL, MAIL]);
  await Promise.all(ids.map(id => api.reach(id, 'delivered')));
  const scheduled = await api.send({ ...MAIL, sendAt: new Date(Date.now() + 3_600_000).toISOString() });
  expect(await api.ask('DELETE', '/v1/messages')).toEqual({ deleted: 3 });
  const { messages } = await api.ask<{ messages: { id: string }[] }>('GET', '/v1/messages');
  // A message that is not final stays.
  expect(messages.map(({ id }) => id)).toEqual([scheduled]);
});

it('DELETE /v1/messages is refused in production', async () => {
  const api = await setUp({ development: 'false' });
  const { status, text } = await api.call('DELETE', '/v1/messages');
  expect([status, JSON.parse(text).error.code]).toEqual([409, 'conflict']);
});

it('the inbox refuses mail as its chaos settings say, until they are removed', async () => {
  const api = await setUp();
  const { providers } = await api.ask<{ providers: { id: number }[] }>('GET', '/v1/providers');
  const path = `/v1/providers/${providers[0]?.id}`;
  const chaos = { percent: 100, at: 'rcpt', delayMs: 0, reply: '550 5.1.1 no such user' };
  expect(await api.ask('PATCH', path, { chaos })).toMatchObject({ chaos });
  const { recipients } = await api.reach(await api.send(MAIL), 'bounced');
  expect(recipients[0]?.lastReply).toEqual({ code: 550, enhanced: '5.1.1', text: 'no such user' });
  expect(await api.ask('PATCH', path, { caption: 'Chaos' })).toMatchObject({ chaos });
  expect(await api.ask('PATCH', path, { chaos: null })).not.toHaveProperty('chaos');
  await api.reach(await api.send(MAIL), 'delivered');
  const wrong = await api.call('PATCH', path, { chaos: { ...chaos, reply: '250 ok' } });
  expect([wrong.status, JSON.parse(wrong.text).error.problems[0].field]).toEqual([400, 'chaos.reply']);
});
