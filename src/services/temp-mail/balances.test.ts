import { describe, expect, test } from 'vitest';
import {
  ADMIN,
  type Answered,
  addressOf,
  DOMAIN,
  startTempMail,
} from '../../../test/helpers/gates/temp-mail-rig.ts';

const OK: Answered = { status: 200, type: 'application/json', body: '{"status":"ok"}' };
const SUCCESS: Answered = { status: 200, type: 'application/json', body: '{"success":true}' };
const LETTER = { to_mail: 'you@example.com', subject: 'Hello', content: 'Text' };
const PROBE = `probe@${DOMAIN}`;

function text(body: string): Answered {
  return { status: 400, type: 'text/plain;charset=UTF-8', body };
}

interface Row {
  readonly id: number;
  readonly address: string;
  readonly balance: number;
  readonly enabled: number;
}

/** A rig with one address, what it may do, and what the administrator may. */
async function startBalances(defaultBalance: number) {
  const rig = await startTempMail({ config: { defaultBalance } });
  const { headers } = await rig.open();
  const balance = async () => (await rig.ask('GET /api/settings', { headers })).body;
  const request = () => rig.ask('POST /api/request_send_mail_access', { headers });
  const send = () => rig.ask('POST /api/send_mail', { headers, body: LETTER });
  const list = async (query = '') =>
    JSON.parse((await rig.ask(`GET /admin/address_sender${query}`, { headers: ADMIN })).body) as {
      results: Row[];
      count: number;
    };
  const set = (body: object) => rig.ask('POST /admin/address_sender', { headers: ADMIN, body });
  const remove = (id: number) => rig.ask(`DELETE /admin/address_sender/${id}`, { headers: ADMIN });
  return { rig, balance, request, send, list, set, remove };
}

function shown(balance: number): string {
  return `{"address":"${PROBE}","send_balance":${balance}}`;
}

describe('the balance of an address', () => {
  test('is the default on first use, and one less with every letter', async () => {
    const { balance, send, list } = await startBalances(2);
    expect(await list()).toEqual({ results: [], count: 0 });
    expect(await balance()).toBe(shown(2));
    expect([await send(), await balance()]).toEqual([OK, shown(1)]);
    expect([await send(), await balance()]).toEqual([OK, shown(0)]);
    expect(await send()).toEqual(text('Failed to send mail No balance'));
    expect(await balance()).toBe(shown(0));
  });

  test('is not overrun by many letters at once', async () => {
    const { rig, send, balance } = await startBalances(3);
    const answers = await Promise.all(Array.from({ length: 10 }, () => send()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ body }) => body === 'Failed to send mail No balance')).toHaveLength(7);
    expect(rig.accepted).toHaveLength(3);
    expect(await balance()).toBe(shown(0));
  });

  test('is had by asking', async () => {
    const { request, send, list } = await startBalances(1);
    expect(await request()).toEqual(OK);
    expect(await list()).toMatchObject({ results: [{ address: PROBE, balance: 1, enabled: 1 }], count: 1 });
    expect(await request()).toEqual(OK);
    await send();
    expect(await request()).toEqual(text('Already requested'));
  });

  test('where the default is nothing, is asked for once and then up to the administrator', async () => {
    const { request, send, balance, list, set } = await startBalances(0);
    expect(await send()).toEqual(text('Failed to send mail No balance'));
    expect(await balance()).toBe(shown(0));
    expect(await request()).toEqual(OK);
    expect(await request()).toEqual(text('Already requested'));
    const [row] = (await list()).results;
    const body = { address: PROBE, address_id: row?.id, balance: 5, enabled: true };
    expect(await set(body)).toEqual(SUCCESS);
    expect(await balance()).toBe(shown(5));
    expect(await send()).toEqual(OK);
    expect(await request()).toEqual(OK);
  });
});

describe('the administrator of balances', () => {
  test('disables a row, which no use repairs', async () => {
    const { request, send, balance, list, set } = await startBalances(10);
    await balance();
    const [row] = (await list()).results;
    await set({ address: PROBE, address_id: row?.id, balance: 10, enabled: false });
    expect(await balance()).toBe(shown(0));
    expect(await send()).toEqual(text('Failed to send mail No balance'));
    expect(await request()).toEqual(text('Already requested'));
    expect((await list()).results).toMatchObject([{ balance: 10, enabled: 0 }]);
  });

  test('removes a row, which the next use makes again', async () => {
    const { send, balance, list, remove } = await startBalances(10);
    await send();
    const [row] = (await list()).results;
    expect(await remove(row?.id ?? 0)).toEqual(SUCCESS);
    expect((await list()).results).toEqual([]);
    expect(await balance()).toBe(shown(10));
  });

  test('must name the row of that address', async () => {
    const { balance, list, set } = await startBalances(10);
    await balance();
    const [row] = (await list()).results;
    const good = { address: PROBE, address_id: row?.id, balance: 3, enabled: true };
    expect(await set({ ...good, address_id: 99 })).toEqual(text('Invalid address_id'));
    expect(await set({ ...good, address: `other@${DOMAIN}` })).toEqual(text('Invalid address_id'));
    expect(await set({ ...good, address: 'nobody' })).toEqual(text('Invalid address'));
    expect(await balance()).toBe(shown(10));
    expect(await set(good)).toEqual(SUCCESS);
    expect(await balance()).toBe(shown(3));
  });

  test('finds rows by a part of the address, newest first, one window at a time', async () => {
    const { rig, list } = await startBalances(10);
    for (const name of ['one', 'two', 'three']) {
      const address = addressOf(`${name}@${DOMAIN}`);
      await rig.store.addresses.openBalance({ address, whenNew: 1, now: rig.now() });
    }
    const names = async (query: string) =>
      (await list(query)).results.map(({ address }) => address.split('@')[0]);
    expect(await names('')).toEqual(['three', 'two', 'one']);
    expect(await names('?address=t')).toEqual(['three', 'two', 'one']);
    expect(await names('?address=two')).toEqual(['two']);
    expect(await names('?limit=1&offset=1')).toEqual(['two']);
    expect(await list('?limit=1&offset=1')).toMatchObject({ count: 0 });
    expect(await list('?limit=1&offset=0')).toMatchObject({ count: 3 });
  });
});
