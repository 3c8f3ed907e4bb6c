import { expect, it, onTestFinished } from 'vitest';
import { signIn } from '../../helpers/browsers/browser-session.ts';
import { apiOf } from '../../helpers/gates/api.ts';
import { startServe } from '../../helpers/gates/serve.ts';

interface Entry {
  readonly by: string;
  readonly action: string;
  readonly kind: string;
  readonly subject: number | null;
  readonly name: string;
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
}

it('the audit log has every configuration change with its author', async () => {
  const gate = await startServe();
  onTestFinished(async () => void (await gate.stop()));
  const api = apiOf(gate, gate.adminToken);
  await api.ask('POST', '/v1/users', { name: 'ada', role: 'admin', password: 'a good password' });
  const ada = await signIn(gate, { user: 'ada', password: 'a good password' });

  const provider = JSON.parse(
    (
      await ada.ask('POST', '/v1/providers', {
        ...{ host: 'mail.invalid', caption: 'Mail', username: 'u', password: 'top secret' },
      })
    ).text,
  );
  await ada.ask('PATCH', `/v1/providers/${provider.id}`, { priority: 3, password: 'even more secret' });
  await ada.ask('POST', `/v1/providers/${provider.id}/pause`);
  await ada.ask('DELETE', `/v1/providers/${provider.id}`);
  const key = JSON.parse((await ada.ask('POST', '/v1/keys', { name: 'bot', scopes: ['manage'] })).text);
  await apiOf(gate, key.secret).ask('POST', '/v1/accounts', { name: 'shop', allowedSenders: ['*'] });
  await ada.ask('DELETE', `/v1/keys/${key.id}`);
  const id = await api.send({ from: 'a@shop.test', to: 'b@x.test', text: 'x', tags: ['t'] });
  await api.reach(id, 'delivered');
  await ada.ask('POST', `/v1/messages/${id}/resend`, { recipients: ['c@y.test'] });
  await ada.ask('POST', '/v1/secret/rotate');

  const { status, text } = await ada.ask('GET', '/v1/audit');
  expect([status, /secret"|scrypt|pk_/.test(text)]).toEqual([200, false]);
  const { entries, next } = JSON.parse(text) as { entries: Entry[]; next: null };
  expect(next).toBeNull();
  expect(entries.map(({ by, action, kind, name }) => `${by}: ${action} ${kind} ${name}`.trim())).toEqual([
    'user ada: changed secrets',
    `user ada: resent messages ${id}`,
    'user ada: changed key bot',
    `key ${key.id}: added account shop`,
    'user ada: added key bot',
    'user ada: removed provider Mail',
    'user ada: changed provider Mail',
    'user ada: changed provider Mail',
    'user ada: added provider Mail',
    'operator: added user ada',
  ]);
  expect(entries.find(entry => entry.changes['priority'] !== undefined)?.changes).toBeDefined();
  expect(entries[6]?.changes).toEqual({ isPaused: [null, true] });
  expect(entries[7]?.changes).toEqual({ priority: [10, 3], sealedPassword: ['changed', 'changed'] });
  const users = await api.ask<{ entries: Entry[] }>('GET', '/v1/audit?kind=user');
  expect(users.entries).toMatchObject([{ subject: 1, name: 'ada' }]);
});
