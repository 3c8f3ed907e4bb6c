import type { Principal } from '../core/account.ts';

/** How one operation is called, by whom, and what it gives; refusals are thrown AppErrors. */
export interface Operation<Input, Output, Who = Principal> {
  readonly input: Input;
  readonly output: Output;
  readonly who: Who;
}

/** Somebody without a credential of ours. */
export interface Client {
  /** IP address. */
  readonly address: string;
  /** Called from this machine, by no page of another site, through no proxy (the keyless rules). */
  readonly isKeyless: boolean;
  /** Speaks TLS, as far as a trusted proxy says so. */
  readonly isSecure: boolean;
}
