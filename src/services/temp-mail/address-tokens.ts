import { createHash } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { type Address, parseAddress } from '../../core/address.ts';
import type { MailAddress } from '../../core/temp-mail.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { Addresses } from '../../store/addresses.ts';

/** Signs and verifies the JWTs of addresses. */
export interface Tokens {
  /** Throws if there is no secret to sign with. */
  assertHasSecret(): void;
  sign(address: MailAddress): Promise<string>;
  /** The address of a JWT; undefined if the JWT is invalid or the address does not exist. Throws if it names no address. */
  addressOf(token: string): Promise<MailAddress | undefined>;
}

export interface TokensContext {
  /** Absent: no JWT is valid, and none can be signed. */
  readonly secret: string | undefined;
  readonly addresses: Pick<Addresses, 'find'>;
  /** Epoch ms. */
  readonly now: () => number;
}

/** The claims of a JWT with a valid signature. */
interface Claims {
  /** Undefined: the claim is absent. */
  readonly address: Address | 'unreadable' | undefined;
  /** Undefined: the claim is absent. */
  readonly id: number | undefined;
  /** Epoch ms; Infinity if the JWT does not expire. */
  readonly expiresAt: number;
}

/** In bytes. A longer text is refused before its signature is computed. */
const LONGEST_TOKEN = 4096;
/** Verified JWTs in memory. Above this number the least recently used one is dropped. */
const MAX_CACHED = 10_000;

/** Caches the claims of verified JWTs by the hash of the token. Expiry and address are checked at every use. */
export function createTokens({ secret, addresses, now }: TokensContext): Tokens {
  const key = secret === undefined || secret === '' ? undefined : new TextEncoder().encode(secret);
  const verified = new Map<string, Claims>();

  async function claimsOf(token: string): Promise<Claims | undefined> {
    const hash = createHash('sha256').update(token).digest('base64');
    const claims = verified.get(hash) ?? (await verify(token));
    if (claims === undefined) return undefined;
    verified.delete(hash);
    verified.set(hash, claims);
    for (const oldest of verified.keys()) {
      if (verified.size <= MAX_CACHED) break;
      verified.delete(oldest);
    }
    return claims;
  }

  async function verify(token: string): Promise<Claims | undefined> {
    if (key === undefined) return undefined;
    try {
      const options = { algorithms: ['HS256'], currentDate: new Date(now()) };
      return readClaims((await jwtVerify(token, key, options)).payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  function secretKey(): Uint8Array {
    if (key === undefined) throw new TempMailError('no-secret');
    return key;
  }

  return {
    assertHasSecret() {
      secretKey();
    },
    async sign({ address, id }) {
      const jwt = new SignJWT({ address, address_id: id }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' });
      return jwt.sign(secretKey());
    },
    async addressOf(token) {
      if (Buffer.byteLength(token) > LONGEST_TOKEN) return undefined;
      const claims = await claimsOf(token);
      if (claims === undefined || claims.expiresAt <= now() || claims.address === 'unreadable')
        return undefined;
      if (claims.address === undefined) throw new TempMailError('no-address');
      const found = await addresses.find(claims.address);
      return claims.id === undefined || claims.id === found?.id ? found : undefined;
    },
  };
}

function readClaims({ address, address_id: id, exp }: JWTPayload): Claims {
  return {
    address: readAddress(address),
    id: id === undefined || id === null || id === '' ? undefined : readId(id),
    // RFC 7519, section 4.1.4: seconds, possibly with a fraction.
    expiresAt: exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000,
  };
}

function readAddress(claim: unknown): Claims['address'] {
  if (claim === undefined || claim === null || claim === '') return undefined;
  const parsed = typeof claim === 'string' ? parseAddress(claim) : undefined;
  return parsed?.ok ? parsed.value : 'unreadable';
}

/** Returns NaN, which equals no id, if the claim is not a number. */
function readId(claim: unknown): number {
  return typeof claim === 'number' || typeof claim === 'string' ? Number(claim) : Number.NaN;
}
