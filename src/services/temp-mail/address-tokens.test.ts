import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addressOf,
  DOMAIN,
  SECRET,
  signJwt,
  startTempMail,
  type TempMailRig,
} from '../../../test/helpers/gates/temp-mail-rig.ts';
import { needs } from '../../../test/helpers/programs/outside.ts';

const ADDRESS = `probe@${DOMAIN}`;
const PYTHON_JWT = `
import base64, hashlib, hmac, json, sys
def part(data): return base64.urlsafe_b64encode(data).rstrip(b"=")
header = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
payload = part(json.dumps({"address": sys.argv[2], "address_id": 1}).encode())
signature = part(hmac.new(sys.argv[1].encode(), header + b"." + payload, hashlib.sha256).digest())
print((header + b"." + payload + b"." + signature).decode())
`;

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function startWithProbe(): Promise<TempMailRig> {
  const rig = await startTempMail();
  await rig.open('probe');
  return rig;
}

async function statusOf(rig: TempMailRig, jwt: string, path = 'GET /api/settings'): Promise<number> {
  return (await rig.ask(path, { headers: { authorization: `Bearer ${jwt}` } })).status;
}

describe('the JWT of an address', () => {
  test('is valid if any program with the secret signed it', async () => {
    const rig = await startWithProbe();
    for (const header of [
      { alg: 'HS256', typ: 'JWT' },
      { typ: 'JWT', alg: 'HS256' },
    ]) {
      expect(await statusOf(rig, signJwt({ address: ADDRESS, address_id: 1 }, { header }))).toBe(200);
    }
    expect(await statusOf(rig, signJwt({ address: ADDRESS }))).toBe(200);
    expect(await statusOf(rig, signJwt({ address: ADDRESS, address_id: '1' }))).toBe(200);
    expect(await statusOf(rig, signJwt({ address: ADDRESS, address_id: null }))).toBe(200);
  });

  test.runIf(needs('a JWT made by Python', 'python3'))('is valid if Python signed it', async () => {
    const rig = await startWithProbe();
    const { stdout } = spawnSync('python3', ['-c', PYTHON_JWT, SECRET, ADDRESS], { encoding: 'utf8' });
    expect(await statusOf(rig, stdout.trim())).toBe(200);
  });

  test.each([
    ['signed with another secret', signJwt({ address: ADDRESS }, { secret: 'another' })],
    ['of another algorithm', signJwt({ address: ADDRESS }, { header: { alg: 'HS512', typ: 'JWT' } })],
    ['without a signature', signJwt({ address: ADDRESS }, { header: { alg: 'none', typ: 'JWT' } })],
    ['that is not a JWT', 'nonsense'],
    ['of an address that does not exist', signJwt({ address: `nobody@${DOMAIN}` })],
    ['of a text that is not an address', signJwt({ address: 'nobody' })],
    ['with an address that is not a string', signJwt({ address: [ADDRESS] })],
    ['with another address_id', signJwt({ address: ADDRESS, address_id: 2 })],
    ['with an address_id that is not a number', signJwt({ address: ADDRESS, address_id: true })],
    ['with an exp that is not a number', signJwt({ address: ADDRESS, exp: 'never' })],
    ['larger than 4 KB', signJwt({ address: ADDRESS, more: 'x'.repeat(4096) })],
  ])('is refused if it is a JWT %s', async (_description, jwt) => {
    const rig = await startWithProbe();
    const headers = { authorization: `Bearer ${jwt}` };
    expect(await rig.ask('GET /api/settings', { headers })).toEqual({
      status: 401,
      type: 'text/plain;charset=UTF-8',
      body: 'Invalid address credential',
    });
    expect(await rig.ask('POST /external/api/send_mail', { body: { token: jwt } })).toEqual({
      status: 400,
      type: 'text/plain;charset=UTF-8',
      body: 'Failed to send mail invalid JWT token',
    });
  });

  test('is accepted if it is just under 4 KB', async () => {
    const rig = await startWithProbe();
    expect(await statusOf(rig, signJwt({ address: ADDRESS, more: 'x'.repeat(2900) }))).toBe(200);
  });

  test('is valid until its exp, also if it was used before', async () => {
    const rig = await startWithProbe();
    const jwt = signJwt({ address: ADDRESS, exp: rig.now() / 1000 + 60 });
    expect(await statusOf(rig, jwt)).toBe(200);
    rig.advance(59_000);
    expect(await statusOf(rig, jwt)).toBe(200);
    rig.advance(1_000);
    expect(await statusOf(rig, jwt)).toBe(401);
  });

  test('without an address gets an error of its own', async () => {
    const rig = await startWithProbe();
    const jwt = signJwt({ address_id: 1 });
    const headers = { authorization: `Bearer ${jwt}` };
    const expected = {
      status: 400,
      type: 'text/plain;charset=UTF-8',
      body: 'Failed to send mail Address not found',
    };
    expect(await rig.ask('POST /api/send_mail', { headers, body: {} })).toEqual(expected);
    expect(await rig.ask('POST /external/api/send_mail', { body: { token: jwt } })).toEqual(expected);
  });

  test('is blocked after 50 wrong ones, except if it is valid', async () => {
    const rig = await startTempMail({ exemptsLoopback: false });
    const { jwt } = await rig.open();
    for (let attempt = 0; attempt < 50; attempt++) await statusOf(rig, `${jwt}${attempt}`);
    expect(await statusOf(rig, `${jwt}x`)).toBe(429);
    expect(await statusOf(rig, jwt)).toBe(200);
  });

  test('is never valid without a configured secret', async () => {
    const rig = await startTempMail({ config: { jwtSecret: undefined } });
    await rig.store.addresses.add({
      address: addressOf(ADDRESS),
      passwordHash: null,
      createdAt: 0,
    });
    expect(await statusOf(rig, signJwt({ address: ADDRESS }, { secret: 'undefined' }))).toBe(401);
  });

  test('is refused for any other text', async () => {
    const { tempMail } = await startWithProbe();
    const part = fc.oneof(fc.string(), fc.base64String(), fc.jsonValue().map(encoded));
    const parts = fc.array(part, { minLength: 1, maxLength: 4 }).map(all => all.join('.'));
    await fc.assert(
      fc.asyncProperty(parts, async text => {
        expect(await tempMail.addressOf(text, '127.0.0.1')).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});
