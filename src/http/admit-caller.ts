import { covers, type Principal, type Scope } from '../core/account.ts';
import { AppError } from '../core/errors.ts';
import type { MailAddress } from '../core/temp-mail.ts';
import type { Credential } from '../dialects/dialect.ts';
import type { Access, Callers, Client, TempMailAdmin } from '../operations/operation.ts';
import type { CallerFacts } from './caller-rules.ts';
import type { HttpContext } from './http-context.ts';

/** The parts of a request that decide who the caller is. */
export interface PresentedRequest {
  readonly facts: CallerFacts;
  /** Undefined: the request has no credential. */
  readonly credential: Credential | undefined;
  /** True: the keyless rules can permit a request without credential. */
  readonly allowsKeyless: boolean;
}

type Admit<Caller> = (context: HttpContext, presented: PresentedRequest) => Promise<Caller> | Caller;

/**
 * Returns the caller that an access requires.
 * @throws AppError `unauthenticated`, `forbidden` or `rate_limited` when the request does not prove such a caller.
 */
export function admit<A extends Access>(
  context: HttpContext,
  access: A,
  presented: PresentedRequest,
): Promise<Callers[A]> | Callers[A] {
  return ADMISSIONS[access](context, presented);
}

/** How each access finds the caller of its operations. */
const ADMISSIONS: { readonly [A in Access]: Admit<Callers[A]> } = {
  anyone: clientOf,
  address: admitAddress,
  'temp-mail admin': admitTempMailAdmin,
  send: admitPrincipal('send'),
  read: admitPrincipal('read'),
  oversee: admitPrincipal('oversee'),
  operate: admitPrincipal('operate'),
  manage: admitPrincipal('manage'),
};

function clientOf(context: HttpContext, { facts }: PresentedRequest): Client {
  return {
    address: context.clientAddress(facts),
    isKeyless: context.isKeyless(facts),
    isSecure: context.isSecure(facts),
  };
}

async function admitAddress(
  context: HttpContext,
  { facts, credential }: PresentedRequest,
): Promise<MailAddress> {
  const token = credential?.kind === 'address' ? credential.token : undefined;
  const address =
    token === undefined ? undefined : await context.addressOf(token, context.clientAddress(facts));
  if (address === undefined) throw unauthenticated(token !== undefined);
  return address;
}

async function admitTempMailAdmin(
  context: HttpContext,
  { facts, credential }: PresentedRequest,
): Promise<TempMailAdmin> {
  const address = context.clientAddress(facts);
  const password = credential?.kind === 'temp-mail admin' ? credential.password : undefined;
  const isAdmin = password !== undefined && (await context.isTempMailAdmin(password, address));
  if (!isAdmin) throw unauthenticated(password !== undefined);
  return { kind: 'temp-mail admin', address };
}

/** Admits a key or a session, or a request without credential that the keyless rules permit. */
function admitPrincipal(scope: Scope): Admit<Principal> {
  return async (context, presented) => {
    const { credential } = presented;
    const principal = await principalOf(context, presented);
    if (principal === undefined) throw unauthenticated(credential !== undefined);
    if (!covers(principal.scopes, scope)) throw missingScope(scope, credential);
    return principal;
  };
}

async function principalOf(
  context: HttpContext,
  { facts, credential, allowsKeyless }: PresentedRequest,
): Promise<Principal | undefined> {
  if (credential === undefined) return allowsKeyless ? context.keyless(facts) : undefined;
  if (credential.kind === 'key') return context.authenticate(credential, context.clientAddress(facts));
  if (credential.kind !== 'session') return undefined;
  const principal = await context.sessionOf(credential);
  if (principal === undefined) throw new AppError('unauthenticated', 'The session has ended: sign in.');
  return principal;
}

function missingScope(scope: Scope, credential: Credential | undefined): AppError {
  const [holder, what] = credential?.kind === 'session' ? ['role', 'right'] : ['key', 'scope'];
  return new AppError(
    'forbidden',
    `The ${holder} does not have the ${what} "${scope}" that this request needs.`,
  );
}

function unauthenticated(wasPresented: boolean): AppError {
  return new AppError(
    'unauthenticated',
    wasPresented
      ? 'The key is wrong or was revoked.'
      : 'A key is needed: send "Authorization: Bearer <key>".',
  );
}
