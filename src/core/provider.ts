import type { Address } from './address.ts';
import type { ProviderId } from './message.ts';

/** `tls`: STARTTLS required; `ssl`: implicit TLS; `none`: clear text, only where the configuration allows it. */
export type Encryption = 'tls' | 'ssl' | 'none';

/** Recipients per stretch of time, each at least 1; absent: as many as there are. */
export interface ProviderLimits {
  readonly maxPerSecond?: number;
  readonly maxPerMinute?: number;
  readonly maxPerHour?: number;
  readonly maxPerDay?: number;
}

/** What every provider has, whatever its kind. */
interface ProviderBase {
  readonly id: ProviderId;
  /** Name in the user interface; null when the operator gave none. */
  readonly caption: string | null;
  readonly isEnabled: boolean;
  /** Nothing is sent here until somebody says so, and its mail waits; absent: it is not. */
  readonly isPaused?: true;
  /** Lower goes first; equal priorities go by weight, then by id. */
  readonly priority: number;
  /** Share of the mail among those of the same priority; those with 0 come after them, by id. */
  readonly weight: number;
  /** RCPTs it takes, at most; absent: no limit. Rolling windows, kept across restarts. */
  readonly limits: ProviderLimits;
  /** Domains of header From it serves (A-labels, lower case); empty: all. */
  readonly senderDomains: readonly string[];
  /** RCPTs in one transaction; more are sent in further ones. */
  readonly maxRecipientsPerMessage: number;
  /** Default From where an API may omit it; '' when the operator gave none. */
  readonly sendFrom: Address | '';
  readonly sendFromName: string;
  /** Epoch ms; `updatedAt` null until the first change. */
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

/** An SMTP server. */
export interface SmtpProvider extends ProviderBase {
  readonly kind: 'smtp';
  /** Host name (A-labels) or IP address. */
  readonly host: string;
  readonly port: number;
  readonly encryption: Encryption;
  /** Both '' = no AUTH. `sealedPassword` is what `accounts/sealing.ts` made of it; '' when the password is ''. */
  readonly username: string;
  readonly sealedPassword: string;
  /** Connections at once. */
  readonly maxConnections: number;
  /** PEM of the only certification authority to trust; absent: the system's. */
  readonly caPem?: string;
}

/** A PowerMTA pickup directory. */
export interface PickupProvider extends ProviderBase {
  readonly kind: 'pickup';
  /** Absolute path of the directory. */
  readonly directory: string;
}

/** Trouble that an inbox makes on purpose, so that people see what an application does then. */
export interface Chaos {
  /** Of the messages, 1 to 100. */
  readonly percent: number;
  /** What they are answered, as an SMTP server would: `451 4.7.1 try later`. Absent: they are taken. */
  readonly reply?: string;
  /** To every RCPT, or to the end of the message. */
  readonly at: 'rcpt' | 'dot';
  /** Before the answer. */
  readonly delayMs: number;
}

/** The inbox of development mode: keeps what it is given and passes nothing on. */
export interface CaptureProvider extends ProviderBase {
  readonly kind: 'capture';
  /** Absent: none. */
  readonly chaos?: Chaos;
}

/** A managed way out. */
export type Provider = SmtpProvider | PickupProvider | CaptureProvider;

/** A provider without its secrets. */
export type PublicProvider = Provider extends infer P
  ? P extends Provider
    ? Omit<P, 'sealedPassword'>
    : never
  : never;

/** A provider as it may be shown. */
export function withoutSecrets(provider: Provider): PublicProvider {
  if (provider.kind !== 'smtp') return provider;
  const { sealedPassword: _, ...rest } = provider;
  return rest;
}
