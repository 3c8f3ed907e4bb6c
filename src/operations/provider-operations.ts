import type { Address } from '../core/address.ts';
import type { Chaos, Encryption, Provider, PublicProvider } from '../core/provider.ts';
import type { CheckReport } from '../delivery/transport.ts';
import type { Operation } from './operation.ts';

/** What an operator may set of a provider; absent fields take their defaults, or keep their value in a change. */
export interface ProviderSettings {
  readonly kind?: Provider['kind'];
  readonly caption?: string | null;
  readonly isEnabled?: boolean;
  readonly priority?: number;
  readonly weight?: number;
  /** Null: no limit any more. */
  readonly maxPerSecond?: number | null;
  readonly maxPerMinute?: number | null;
  readonly maxPerHour?: number | null;
  readonly maxPerDay?: number | null;
  readonly senderDomains?: readonly string[];
  readonly maxRecipientsPerMessage?: number;
  readonly sendFrom?: string;
  readonly sendFromName?: string;
  readonly host?: string;
  readonly port?: number;
  readonly encryption?: Encryption;
  readonly username?: string;
  readonly password?: string;
  readonly maxConnections?: number;
  readonly caPem?: string | null;
  readonly directory?: string;
  /** Of an inbox; null: none any more. */
  readonly chaos?: Chaos | null;
}

/** A message that shows whether a provider delivers. */
export interface TestMail {
  readonly to: Address;
  /** Absent: the provider's default sender, or its user name where that is an address. */
  readonly from?: Address;
}

/** What is known of a provider that many have; null: it names no limit that holds for all. */
export interface ProviderPreset {
  readonly name: string;
  readonly caption: string;
  /** '' for an own server. */
  readonly host: string;
  readonly port: number;
  readonly encryption: Encryption;
  readonly username: string;
  readonly usernameHint: string;
  readonly passwordHint: string;
  readonly maxConnections: number;
  readonly maxPerSecond: number | null;
  readonly maxPerMinute: number | null;
  readonly maxPerDay: number | null;
  /** What people stumble over. */
  readonly note: string;
  /** Its own page about SMTP; '' where there is none. */
  readonly docs: string;
}

/** Providers: list, change, pause and test them. */
export interface ProviderOperations {
  providers: Operation<Record<string, never>, readonly PublicProvider[], 'oversee' | 'manage'>;
  provider: Operation<{ id: number }, PublicProvider, 'oversee' | 'manage'>;
  addProvider: Operation<ProviderSettings, PublicProvider, 'manage'>;
  changeProvider: Operation<{ id: number; settings: ProviderSettings }, PublicProvider, 'operate' | 'manage'>;
  /** With `mayBeGone` a provider that does not exist is no error. */
  removeProvider: Operation<{ id: number; mayBeGone?: true }, undefined, 'manage'>;
  /** The mail of a paused provider waits. */
  pauseProvider: Operation<{ id: number; isPaused: boolean }, PublicProvider, 'operate'>;
  /** Pauses or resumes all of them. */
  pauseProviders: Operation<{ isPaused: boolean }, readonly PublicProvider[], 'operate'>;
  /** With `mail` also sends that message, by no other provider: the stage `mail`. */
  checkProvider: Operation<{ id: number; mail?: TestMail }, CheckReport, 'operate' | 'manage'>;
  /** The same for a provider that is not saved; with `id`, for that provider with changed settings. */
  tryProvider: Operation<{ id?: number; settings: ProviderSettings; mail?: TestMail }, CheckReport, 'manage'>;
  providerPresets: Operation<Record<string, never>, readonly ProviderPreset[], 'oversee'>;
}
