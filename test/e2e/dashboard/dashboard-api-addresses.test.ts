import { expect, it, onTestFinished } from 'vitest';
import { apiOf } from '../../helpers/gates/api.ts';
import { startServe } from '../../helpers/gates/serve.ts';

it('a manager of the gate creates, limits, lists and deletes temp-mail addresses', async () => {
  const gate = await startServe({
    settings: { 'tempMail.jwtSecret': 'a secret that is long enough to sign', 'tempMail.domains': 'tm.test' },
  });
  onTestFinished(async () => void (await gate.stop()));
  const api = apiOf(gate, gate.adminToken);
  const created = await api.ask<{ id: number; address: string; jwt: string }>('POST', '/v1/addresses', {
    ...{ name: 'bob', domain: 'tm.test' },
  });
  expect(created.address).toBe('bob@tm.test');
  expect((await api.call('POST', '/v1/addresses', { name: 'bob', domain: 'tm.test' })).status).toBe(400);
  await api.ask('POST', '/v1/addresses', { name: 'eve', domain: 'tm.test' });
  const { jwt } = await api.ask<{ jwt: string }>('GET', `/v1/addresses/${created.id}/token`);
  const credentials = { authorization: `Bearer ${jwt}` };
  await apiOf(gate).call('POST', '/api/request_send_mail_access', {}, credentials);

  const list = (query = '') =>
    api.ask<{ addresses: { address: string; balance: { id: number } | null }[]; count: number }>(
      'GET',
      `/v1/addresses${query}`,
    );
  const { addresses, count } = await list('?text=bob');
  expect([count, addresses]).toMatchObject([1, [{ address: 'bob@tm.test', balance: { isEnabled: true } }]]);
  expect((await list('?limit=1')).count).toBe(2);
  const balance = addresses[0]?.balance?.id;
  await api.ask('PATCH', `/v1/balances/${balance}`, { address: 'bob@tm.test', balance: 77, isEnabled: true });
  expect((await list('?text=bob')).addresses[0]?.balance).toMatchObject({ balance: 77 });

  expect(await api.ask('PATCH', '/v1/temp-mail', { blockList: ['@bad.test'], maxPerDay: 5 })).toEqual({
    ...{ blockList: ['@bad.test'], maxPerDay: 5, maxPerMonth: null },
  });
  expect(await api.ask('PATCH', '/v1/temp-mail', { maxPerDay: null })).toEqual({
    ...{ blockList: ['@bad.test'], maxPerDay: null, maxPerMonth: null },
  });
  const { addresses: others } = await list('?text=eve');
  const eve = (others[0] as { id?: number } | undefined)?.id;
  expect(others[0]?.balance).toBeNull();
  await api.ask('PUT', `/v1/addresses/${eve}/balance`, { balance: 3, isEnabled: false });
  expect((await list('?text=eve')).addresses[0]?.balance).toMatchObject({ balance: 3, isEnabled: false });
  expect((await api.call('PUT', '/v1/addresses/999/balance', { balance: 3, isEnabled: true })).status).toBe(
    404,
  );

  await api.ask('DELETE', `/v1/addresses/${created.id}`);
  expect((await list()).addresses.map(({ address }) => address)).toEqual(['eve@tm.test']);
  expect((await api.call('GET', `/v1/addresses/${created.id}/token`)).status).toBe(404);

  const { entries } = await api.ask<{
    entries: { by: string; action: string; name: string; changes: object }[];
  }>('GET', '/v1/audit?kind=tempMail');
  expect(new Set(entries.map(({ by }) => by))).toEqual(new Set(['operator']));
  expect(entries.map(({ action, name }) => `${action} ${name}`.trim())).toEqual([
    'removed bob@tm.test',
    'changed eve@tm.test',
    ...['changed', 'added'],
    'changed bob@tm.test',
    ...['added eve@tm.test', 'added bob@tm.test'],
  ]);
  expect(entries[1]?.changes).toEqual({ balance: [null, 3], isEnabled: [null, false] });
});
