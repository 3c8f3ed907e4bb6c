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
const MESSAGE = { to_mail: 'you@example.com', subject: 'Hello', content: 'Text' };
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

/** A rig with one address, and functions for the requests of the address and of the administrator. */
async function startBalances(defaultBalance: number) {
  const rig = await startTempMail({ config: { defaultBalance } });
  const { headers } = await rig.open();
  const balance = async () => (await rig.ask('GET /api/settings', { headers })).body;
  const request = () => rig.ask('POST /api/request_send_mail_access', { headers });
  const send = () => rig.ask('POST /api/send_mail', { headers, body: MESSAGE });
  const list = async (query = '') =>
    JSON.parse((await rig.ask(`GET /admin/address_sender${query}`, { headers: ADMIN })).body) as {
      results: Row[];
      count: number;
    };
  const set = (body: object) => rig.ask('POST /admin/address_sender', { headers: ADMIN, body });
  const remove = (id: number) => rig.ask(`DELETE /admin/address_sender/${id}`, { headers: ADMIN });
  return { rig, balance, request, send, list, set, remove };
}

function balanceReply(balance: number): string {
  return `{"address":"${PROBE}","send_balance":${balance}}`;
}

describe('the balance of an address', () => {
  test('starts with the default at first use, and each message costs one', async () => {
    const { balance, send, list } = await startBalances(2);
    expect(await list()).toEqual({ results: [], count: 0 });
    expect(await balance()).toBe(balanceReply(2));
    expect([await send(), await balance()]).toEqual([OK, balanceReply(1)]);
    expect([await send(), await balance()]).toEqual([OK, balanceReply(0)]);
    expect(await send()).toEqual(text('Failed to send mail No balance'));
    expect(await balance()).toBe(balanceReply(0));
  });

  test('is not exceeded by concurrent messages', async () => {
    const { rig, send, balance } = await startBalances(3);
    const answers = await Promise.all(Array.from({ length: 10 }, () => send()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ body }) => body === 'Failed to send mail No balance')).toHaveLength(7);
    expect(rig.accepted).toHaveLength(3);
    expect(await balance()).toBe(balanceReply(0));
  });

  test('is created by a request for access', async () => {
    const { request, send, list } = await startBalances(1);
    expect(await request()).toEqual(OK);
    expect(await list()).toMatchObject({ results: [{ address: PROBE, balance: 1, enabled: 1 }], count: 1 });
    expect(await request()).toEqual(OK);
    await send();
    expect(await request()).toEqual(text('Already requested'));
  });

  test('with the default 0 can be requested once, and then only the administrator changes it', async () => {
    const { request, send, balance, list, set } = await startBalances(0);
    expect(await send()).toEqual(text('Failed to send mail No balance'));
    expect(await balance()).toBe(balanceReply(0));
    expect(await request()).toEqual(OK);
    expect(await request()).toEqual(text('Already requested'));
    const [row] = (await list()).results;
    const body = { address: PROBE, address_id: row?.id, balance: 5, enabled: true };
    expect(await set(body)).toEqual(SUCCESS);
    expect(await balance()).toBe(balanceReply(5));
    expect(await send()).toEqual(OK);
    expect(await request()).toEqual(OK);
  });
});

describe('the administrator of balances', () => {
  test('disables a balance, and use of the address does not enable it again', async () => {
    const { request, send, balance, list, set } = await startBalances(10);
    await balance();
    const [row] = (await list()).results;
    await set({ address: PROBE, address_id: row?.id, balance: 10, enabled: false });
    expect(await balance()).toBe(balanceReply(0));
    expect(await send()).toEqual(text('Failed to send mail No balance'));
    expect(await request()).toEqual(text('Already requested'));
    expect((await list()).results).toMatchObject([{ balance: 10, enabled: 0 }]);
  });

  test('removes a balance, and the next use of the address creates it again', async () => {
    const { send, balance, list, remove } = await startBalances(10);
    await send();
    const [row] = (await list()).results;
    expect(await remove(row?.id ?? 0)).toEqual(SUCCESS);
    expect((await list()).results).toEqual([]);
    expect(await balance()).toBe(balanceReply(10));
  });

  test('must give the id of the balance of that address', async () => {
    const { balance, list, set } = await startBalances(10);
    await balance();
    const [row] = (await list()).results;
    const good = { address: PROBE, address_id: row?.id, balance: 3, enabled: true };
    expect(await set({ ...good, address_id: 99 })).toEqual(text('Invalid address_id'));
    expect(await set({ ...good, address: `other@${DOMAIN}` })).toEqual(text('Invalid address_id'));
    expect(await set({ ...good, address: 'nobody' })).toEqual(text('Invalid address'));
    expect(await balance()).toBe(balanceReply(10));
    expect(await set(good)).toEqual(SUCCESS);
    expect(await balance()).toBe(balanceReply(3));
  });

  test('searches balances by a part of the address, the newest first, page by page', async () => {
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
