import type { Principal, Scope } from '../core/account.ts';
import type { MailAddress } from '../core/temp-mail.ts';

/** A caller without a credential of the gate. */
export interface Client {
  /** IP address. */
  readonly address: string;
  /** The request comes from this machine, from no page of another site and through no proxy (the keyless rules). */
  readonly isKeyless: boolean;
  /** The client speaks TLS, as far as a trusted proxy says so. */
  readonly isSecure: boolean;
}

/** The administrator of temp-mail, who presented an admin password. */
export interface TempMailAdmin {
  readonly kind: 'temp-mail admin';
  /** IP address. */
  readonly address: string;
}

/** What each kind of access gives to the operation: a scope gives the principal that has it. */
export interface Callers extends Readonly<Record<Scope, Principal>> {
  readonly address: MailAddress;
  readonly 'temp-mail admin': TempMailAdmin;
  readonly anyone: Client;
}

/** What a route requires of its caller: a scope of a key or session, a temp-mail credential, or nothing. */
export type Access = keyof Callers;

/**
 * One operation: what it takes, what it returns, and the access that permits it. A route must require one of these;
 * `Callers` says what the operation then gets as its caller. Refusals are thrown AppErrors.
 */
export interface Operation<Input, Output, Permitted extends Access> {
  readonly input: Input;
  readonly output: Output;
  readonly access: Permitted;
}
