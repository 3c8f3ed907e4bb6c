import { covers, type Principal, type Scope } from '../core/account.ts';
import { AppError } from '../core/errors.ts';
import type { MailAddress } from '../core/temp-mail.ts';
import type { Credential } from '../dialects/dialect.ts';
import type { Access, Callers, Client, TempMailAdmin } from '../operations/operation.ts';
import type { CallerFacts } from './caller-rules.ts';
import type { HttpContext } from './http-context.ts';

/** What a request presents, before anything is known of its caller. */
export interface PresentedRequest {
  readonly facts: CallerFacts;
  /** Undefined: the request has none. */
  readonly credential: Credential | undefined;
  /** A request without a credential may be let in by the keyless rules. */
  readonly allowsKeyless: boolean;
}

type Admit<Caller> = (context: HttpContext, presented: PresentedRequest) => Promise<Caller> | Caller;

/**
 * Gives the caller that an access requires.
 * @throws AppError `unauthenticated`, `forbidden` or `rate_limited` when the request presents no such caller.
 */
export function admit<A extends Access>(
  context: HttpContext,
  access: A,
  presented: PresentedRequest,
): Promise<Callers[A]> | Callers[A] {
  return ADMISSIONS[access](context, presented);
}

/** One for each access: what it gives is the caller that operations with this access get. */
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

/** By key or session, or without a credential where the keyless rules let the request in. */
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
  return new AppError('forbidden', `The ${holder} does not have the ${what} "${scope}" that this needs.`);
}

function unauthenticated(wasPresented: boolean): AppError {
  return new AppError(
    'unauthenticated',
    wasPresented
      ? 'The key is wrong or was revoked.'
      : 'A key is needed: send "Authorization: Bearer <key>".',
  );
}
