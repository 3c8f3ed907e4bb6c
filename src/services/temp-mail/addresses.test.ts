import { describe, expect, test } from 'vitest';
import {
  ADMIN,
  type Answered,
  addressOf,
  DOMAIN,
  startTempMail,
} from '../../../test/helpers/gates/temp-mail-rig.ts';

const TEXT = 'text/plain;charset=UTF-8';

function text(status: number, body: string): Answered {
  return { status, type: TEXT, body };
}

function claimsOf(jwt: string): unknown[] {
  return jwt
    .split('.')
    .slice(0, 2)
    .map(part => Buffer.from(part, 'base64url').toString());
}

describe('POST /api/new_address', () => {
  test('creates an address in lower case without a prefix, and its JWT', async () => {
    const rig = await startTempMail();
    const { status, type, body } = await rig.ask('POST /api/new_address', {
      body: { name: 'Probe.1', domain: 'other.test' },
    });
    expect({ status, type }).toEqual({ status: 200, type: 'application/json' });
    const made = JSON.parse(body) as { jwt: string };
    expect(made).toEqual({ jwt: made.jwt, address: 'robe1@other.test', password: null, address_id: 1 });
    expect(claimsOf(made.jwt)).toEqual([
      '{"alg":"HS256","typ":"JWT"}',
      '{"address":"robe1@other.test","address_id":1}',
    ]);
  });

  test('starts the name with the prefix in lower case', async () => {
    const rig = await startTempMail({ config: { prefix: 'TMP' } });
    expect((await rig.open('probe')).address).toBe(`tmpprobe@${DOMAIN}`);
  });

  test('uses a random name and a configured domain if the request has none', async () => {
    const rig = await startTempMail();
    const { body } = await rig.ask('POST /api/new_address', { body: { name: '', domain: null } });
    expect(JSON.parse(body)).toMatchObject({
      address: expect.stringMatching(/^[a-z0-9]{10}@temp-mail\.test$/),
    });
  });

  test('is refused if user creation is disabled', async () => {
    const rig = await startTempMail({ config: { userCreation: false } });
    expect(await rig.ask('POST /api/new_address', { body: {} })).toEqual(
      text(403, 'New address is disabled, please contact the administrator'),
    );
  });

  test.each([
    ['a page of another site', { origin: 'https://page.test', 'sec-fetch-site': 'cross-site' }],
    ['another host name for this machine', { host: 'page.test' }],
    ['a client behind a proxy', { 'x-forwarded-for': '192.0.2.1' }],
  ])('is refused in development mode for %s', async (_, headers) => {
    const rig = await startTempMail({ isDevelopment: true });
    expect(await rig.ask('POST /api/new_address', { body: {}, headers })).toEqual(
      text(403, 'New address is disabled, please contact the administrator'),
    );
    const { body } = await rig.ask('GET /open_api/settings', { headers });
    expect(JSON.parse(body)).toMatchObject({ enableUserCreateEmail: false });
    expect(await rig.ask('POST /api/new_address', { body: {} })).toMatchObject({ status: 200 });
  });

  test('refuses an address that exists', async () => {
    const rig = await startTempMail();
    await rig.open('probe');
    expect(await rig.ask('POST /api/new_address', { body: { name: 'probe' } })).toEqual(
      text(400, 'Failed to create address: Address already exists'),
    );
  });

  test.each([
    [{ name: 'x', domain: 'example.com' }, 'Failed to create address: Invalid domain'],
    [{ name: '...' }, 'Failed to create address: Name is too short (min 1)'],
    [{ name: 'x'.repeat(31) }, 'Failed to create address: Name is too long (max 30)'],
    [{ name: 5 }, 'Invalid input'],
  ])('refuses %j', async (body, message) => {
    const rig = await startTempMail();
    expect(await rig.ask('POST /api/new_address', { body })).toEqual(text(400, message));
  });

  test('creates no address without a secret to sign its JWT', async () => {
    const rig = await startTempMail({ config: { jwtSecret: undefined } });
    expect(await rig.ask('POST /api/new_address', { body: { name: 'probe' } })).toEqual(
      text(400, 'JWT_SECRET is not set, please contact the administrator'),
    );
    expect(await rig.store.addresses.find(addressOf(`probe@${DOMAIN}`))).toBeUndefined();
  });
});

describe('the administrator of temp-mail', () => {
  test('creates addresses, with the prefix only if enablePrefix is true', async () => {
    const rig = await startTempMail({ config: { prefix: 'tmp', userCreation: false } });
    const make = (body: object) => rig.ask('POST /admin/new_address', { body, headers: ADMIN });
    expect(JSON.parse((await make({ name: 'probe', domain: DOMAIN })).body)).toEqual({
      jwt: expect.any(String),
      address: `probe@${DOMAIN}`,
      password: null,
      address_id: 1,
    });
    expect(JSON.parse((await make({ name: 'probe', enablePrefix: true })).body)).toMatchObject({
      address: `tmpprobe@${DOMAIN}`,
    });
    expect(await make({ domain: DOMAIN })).toEqual(text(400, 'Required field is missing'));
  });

  test('needs one of the configured passwords', async () => {
    const rig = await startTempMail();
    const ask = (headers: Record<string, string>) => rig.ask('GET /admin/account_settings', { headers });
    expect((await ask({ 'x-admin-auth': 'another' })).status).toBe(200);
    expect((await ask(ADMIN)).status).toBe(200);
    for (const headers of [{}, { 'x-admin-auth': '' }, { 'x-admin-auth': 'open sesame!' }]) {
      expect(await ask(headers)).toEqual(
        text(401, 'You need to provide the admin password to access this page'),
      );
    }
  });

  test('does not exist if the only configured password is empty', async () => {
    const rig = await startTempMail({ config: { adminPasswords: [''] } });
    for (const headers of [{ 'x-admin-auth': '' }, { 'x-admin-auth': ' ' }]) {
      expect((await rig.ask('GET /admin/account_settings', { headers })).status).toBe(401);
    }
  });

  test('can read the JWT of an address', async () => {
    const rig = await startTempMail();
    const { id, jwt } = await rig.open();
    const shown = await rig.ask(`GET /admin/show_password/${id}`, { headers: ADMIN });
    expect(JSON.parse(shown.body)).toEqual({ jwt });
    expect(await rig.ask('GET /admin/show_password/99', { headers: ADMIN })).toEqual(
      text(404, 'Address not found'),
    );
  });

  test('removes addresses', async () => {
    const rig = await startTempMail();
    const { id, headers } = await rig.open();
    const removed = await rig.ask(`DELETE /admin/delete_address/${id}`, { headers: ADMIN });
    expect(removed).toEqual({ status: 200, type: 'application/json', body: '{"success":true}' });
    expect((await rig.ask('GET /api/settings', { headers })).status).toBe(401);
  });
});

describe('the owner of an address', () => {
  test('deletes the address, which makes its JWT invalid', async () => {
    const rig = await startTempMail();
    const { headers } = await rig.open();
    expect((await rig.ask('GET /api/settings', { headers })).status).toBe(200);
    const left = await rig.ask('DELETE /api/delete_address', { headers });
    expect(left).toEqual({ status: 200, type: 'application/json', body: '{"success":true}' });
    expect(await rig.ask('GET /api/settings', { headers })).toEqual(text(401, 'Invalid address credential'));
    const again = await rig.open();
    expect((await rig.ask('GET /api/settings', { headers })).status).toBe(401);
    expect((await rig.ask('GET /api/settings', { headers: again.headers })).status).toBe(200);
  });
});

describe('the password of an address', () => {
  const login = (body: object) => ({ body });

  test('has 8 characters, and a login with it returns a JWT', async () => {
    const rig = await startTempMail({ config: { addressPasswords: true } });
    const made = JSON.parse((await rig.ask('POST /api/new_address', { body: { name: 'probe' } })).body) as {
      jwt: string;
      password: string;
    };
    expect(made.password).toMatch(/^[A-Za-z0-9]{8}$/);
    const email = `probe@${DOMAIN}`;
    const ask = (body: object) => rig.ask('POST /api/address_login', login(body));
    expect(JSON.parse((await ask({ email, password: made.password })).body)).toEqual({
      jwt: made.jwt,
      address: email,
    });
    expect(await ask({ email, password: `${made.password}x` })).toEqual(
      text(401, 'Invalid email or password'),
    );
    expect(await ask({ email: `nobody@${DOMAIN}`, password: 'x' })).toEqual(text(404, 'Address not found'));
    expect(await ask({ email, password: '' })).toEqual(text(400, 'Email and password are required'));
    const stored = await rig.store.addresses.find(addressOf(email));
    expect(stored?.passwordHash).not.toContain(made.password);
  });

  test('is refused if address passwords are disabled', async () => {
    const rig = await startTempMail();
    expect(await rig.ask('POST /api/address_login', login({ email: 'a@b.c', password: 'x' }))).toEqual(
      text(403, 'Password login is disabled'),
    );
  });

  test('is blocked after 50 failures, and so is the administrator password', async () => {
    const rig = await startTempMail({ config: { addressPasswords: true }, exemptsLoopback: false });
    const body = { email: `nobody@${DOMAIN}`, password: 'x' };
    for (let attempt = 0; attempt < 50; attempt++) await rig.ask('POST /api/address_login', { body });
    expect((await rig.ask('POST /api/address_login', { body })).status).toBe(429);
    expect((await rig.ask('POST /api/address_login', { body })).status).toBe(429);
    expect((await rig.ask('GET /admin/account_settings', { headers: ADMIN })).status).toBe(429);
    const { headers } = await rig.open();
    expect((await rig.ask('GET /api/settings', { headers })).status).toBe(200);
    rig.advance(2_000);
    expect((await rig.ask('GET /admin/account_settings', { headers: ADMIN })).status).toBe(200);
  });
});

describe('the site password', () => {
  test('must match as a whole', async () => {
    const { tempMail } = await startTempMail({ config: { sitePassword: 'sesame' } });
    const results = ['sesame', 'sesam', 'sesame2', ''].map(text => tempMail.isSitePassword?.(text));
    expect(results).toEqual([true, false, false, false]);
  });

  test('is not required if it is configured as an empty text', async () => {
    const { tempMail } = await startTempMail({ config: { sitePassword: '' } });
    expect(tempMail.isSitePassword).toBeUndefined();
  });
});
