// What the management API answers, as far as it is shown. Times are RFC 3339.

export type Role = 'admin' | 'operator' | 'viewer';

export interface Session {
  readonly name: string;
  readonly kind: 'user' | 'key' | 'development';
  readonly role: Role;
  readonly csrf: string;
  readonly expiresAt: string;
}

export interface SessionState {
  readonly session: Session | null;
  readonly development: boolean;
}

export type State =
  | 'queued'
  | 'deferred'
  | 'delivered'
  | 'bounced'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'unknown';

export interface Reply {
  readonly code: number;
  readonly enhanced?: string;
  readonly text: string;
}

export interface Recipient {
  readonly address: string;
  readonly state: State;
  readonly attempts: number;
  readonly dueAt?: string;
  readonly lastReply?: Reply;
  readonly lastError?: string;
}

export interface Message {
  readonly id: string;
  readonly account?: number;
  readonly dialect: string;
  readonly sender: string;
  readonly from: string;
  readonly subject: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly priority: string;
  readonly size: number;
  readonly isLeased: boolean;
  readonly messageId: string;
  readonly provider: number | null;
  readonly mid?: string;
  readonly referenceId?: string;
  readonly campaignId?: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly recipients: readonly Recipient[];
}

export interface Attempt {
  readonly number: number;
  readonly provider: number;
  readonly phase: string;
  readonly durationMs: number;
  readonly startedAt: string;
  readonly reply?: Reply;
  readonly error?: string;
  readonly remote?: string;
  readonly repeated?: boolean;
}

export interface GateEvent {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly messageId?: string;
  readonly recipient?: string;
  readonly provider?: number;
  readonly data: {
    readonly attempt?: number;
    readonly code?: number;
    readonly enhanced?: string;
    readonly reason?: string;
    readonly [field: string]: unknown;
  };
}

export interface MessageStory extends Message {
  readonly attempts: readonly Attempt[];
  readonly events: readonly GateEvent[];
}

export interface MessagePage {
  readonly messages: readonly Message[];
  readonly next: string | null;
}

export interface Attachment {
  readonly index: number;
  readonly filename: string;
  readonly contentType: string;
  readonly size: number;
  readonly isInline: boolean;
}

export interface Parts {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly subject: string;
  readonly text: string | null;
  readonly hasHtml: boolean;
  readonly attachments: readonly Attachment[];
}

/** Trouble that the inbox of development mode makes on purpose. */
export interface Chaos {
  /** Of the messages, 1 to 100. */
  readonly percent: number;
  /** What they are answered; absent: they are only delayed. */
  readonly reply?: string;
  readonly at: 'rcpt' | 'dot';
  readonly delayMs: number;
}

export interface Provider {
  readonly id: number;
  readonly kind: 'smtp' | 'pickup' | 'capture';
  readonly caption: string | null;
  readonly isEnabled: boolean;
  readonly isPaused: boolean;
  readonly priority: number;
  readonly weight: number;
  readonly maxPerSecond: number | null;
  readonly maxPerMinute: number | null;
  readonly maxPerHour: number | null;
  readonly maxPerDay: number | null;
  readonly senderDomains: readonly string[];
  readonly sendFrom: string;
  readonly sendFromName: string;
  readonly host?: string;
  readonly port?: number;
  readonly encryption?: 'tls' | 'ssl' | 'none';
  readonly username?: string;
  readonly maxConnections?: number;
  readonly directory?: string;
  readonly chaos?: Chaos;
}

export type Counts = Readonly<Record<Exclude<State, 'queued'> | 'accepted', number>>;

export interface ProviderHealth {
  readonly id: number;
  readonly caption: string | null;
  readonly kind: Provider['kind'];
  readonly isPaused: boolean;
  readonly health: 'up' | 'open' | 'probing' | 'disabled' | 'paused';
  readonly openUntil?: string;
  readonly active: number;
  readonly limits: readonly { readonly window: string; readonly max: number; readonly left: number }[];
}

export interface Overview {
  readonly from: string;
  readonly to: string;
  readonly stepMs: number;
  readonly buckets: readonly (Counts & { readonly at: string })[];
  readonly totals: Counts;
  readonly timeToDelivery: {
    readonly p50Ms: number | null;
    readonly p99Ms: number | null;
    readonly count: number;
  };
  readonly queue: readonly {
    readonly provider: number | null;
    readonly waiting: number;
    readonly oldestDueAt?: string;
  }[];
  readonly providers: readonly ProviderHealth[];
}

export interface Account {
  readonly id: number;
  readonly name: string;
  readonly allowedSenders: readonly string[];
  readonly isEnabled: boolean;
  readonly limits: Readonly<Record<string, number>>;
  /** Failures of mail that came by SMTP or pickup are told to its sender. */
  readonly sendsNotices: boolean;
  /** Where its events are posted; no `events`: all. */
  readonly webhook: { readonly url: string; readonly events: readonly string[] } | null;
  readonly createdAt: string;
}

export type Scope = 'send' | 'read' | 'manage';

export interface Key {
  readonly id: number;
  readonly account: number;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

export interface Preset {
  readonly name: string;
  readonly caption: string;
  readonly host: string;
  readonly port: number;
  readonly encryption: 'tls' | 'ssl' | 'none';
  readonly username: string;
  readonly usernameHint: string;
  readonly passwordHint: string;
  readonly maxConnections: number;
  readonly maxPerSecond: number | null;
  readonly note: string;
  /** Its own page about SMTP; '' where there is none. */
  readonly docs: string;
}

export interface Stage {
  readonly stage: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly ms: number;
  readonly certificate?: {
    readonly subject: string;
    readonly issuer: string;
    readonly validTo: string;
    readonly daysLeft: number;
  };
  readonly capabilities?: readonly string[];
  readonly addresses?: readonly string[];
}

export interface Check {
  readonly ok: boolean;
  readonly stages: readonly Stage[];
}

export interface AuditEntry {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly action: string;
  readonly kind: string;
  readonly subject: number | null;
  readonly name: string;
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
}

export interface BounceRow {
  readonly code?: number | null;
  readonly enhanced?: string | null;
  readonly domain?: string;
  readonly provider?: number | null;
  readonly count: number;
  readonly lastAt: string;
  readonly lastReason: string;
}

export interface TempAddress {
  readonly id: number;
  readonly address: string;
  readonly createdAt: string;
  readonly balance: { readonly id: number; readonly balance: number; readonly isEnabled: boolean } | null;
}

/** What holds for all temp-mail addresses; null: no quota. */
export interface AddressRules {
  readonly blockList: readonly string[];
  readonly maxPerDay: number | null;
  readonly maxPerMonth: number | null;
}

export interface User {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly isEnabled: boolean;
  readonly createdAt: string;
}
