import { createHash } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { type Address, parseAddress } from '../../core/address.ts';
import type { MailAddress } from '../../core/temp-mail.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { Addresses } from '../../store/addresses.ts';

/** Makes and reads the JWTs of addresses. */
export interface Tokens {
  /** Throws where there is no secret to make any with. */
  assertCanMake(): void;
  make(address: MailAddress): Promise<string>;
  /** Whose it is; undefined when it is not good, or the address is no more. Refuses a good one that names no address. */
  addressOf(token: string): Promise<MailAddress | undefined>;
}

export interface TokensContext {
  /** Absent: no JWT is good, and none can be made. */
  readonly secret: string | undefined;
  readonly addresses: Pick<Addresses, 'find'>;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What a good JWT says. */
interface Claims {
  /** Undefined: it names none. */
  readonly address: Address | 'unreadable' | undefined;
  /** Undefined: it does not say. */
  readonly id: number | undefined;
  /** Epoch ms; infinite where it does not expire. */
  readonly expiresAt: number;
}

/** Longer texts are refused before anything is computed. */
const LONGEST_TOKEN = 4096;
/** Good ones remembered at once; above that the one that was used longest ago is forgotten. */
const MAX_REMEMBERED = 10_000;

/** Those of one secret; a token that was found good is remembered by its hash, its end and its address are looked at each time. */
export function createTokens({ secret, addresses, now }: TokensContext): Tokens {
  const key = secret === undefined || secret === '' ? undefined : new TextEncoder().encode(secret);
  const remembered = new Map<string, Claims>();

  async function claimsOf(token: string): Promise<Claims | undefined> {
    const hash = createHash('sha256').update(token).digest('base64');
    const claims = remembered.get(hash) ?? (await verify(token));
    if (claims === undefined) return undefined;
    remembered.delete(hash);
    remembered.set(hash, claims);
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MAX_REMEMBERED) break;
      remembered.delete(oldest);
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
    assertCanMake() {
      secretKey();
    },
    async make({ address, id }) {
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
    // RFC 7519 4.1.4: seconds, not necessarily whole ones.
    expiresAt: exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000,
  };
}

function readAddress(claim: unknown): Claims['address'] {
  if (claim === undefined || claim === null || claim === '') return undefined;
  const parsed = typeof claim === 'string' ? parseAddress(claim) : undefined;
  return parsed?.ok ? parsed.value : 'unreadable';
}

/** NaN, which equals no id, for what is no number. */
function readId(claim: unknown): number {
  return typeof claim === 'number' || typeof claim === 'string' ? Number(claim) : Number.NaN;
}
