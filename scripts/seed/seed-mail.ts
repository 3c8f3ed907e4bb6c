import type { Person } from './people.ts';

/** A sending application: its account and its domain. */
export interface Application {
  readonly account: string;
  readonly domain: string;
  readonly from: string;
}

/** The API through which a message is submitted. */
export type SubmitApi = 'v1' | 'smtp' | 'turbosmtp' | 'powermta';

/** A message to submit. */
export interface SeedMail {
  readonly application: Application;
  readonly api: SubmitApi;
  readonly to: readonly Person[];
  readonly cc: readonly Person[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments: readonly SeedAttachment[];
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly priority?: 'high' | 'bulk';
  /** Ms from submission to the scheduled time or the expiry. */
  readonly sendInMs?: number;
  readonly expireInMs?: number;
}

export interface SeedAttachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
}

const application = (account: string, domain: string, from: string): Application => ({
  account,
  domain,
  from: `${from} <${account}@${domain}>`,
});
export const SHOP = application('shop', 'shop.example', 'Lighthouse Books');
export const NEWSLETTER = application('newsletter', 'news.example', 'Lighthouse Letter');
export const BILLING = application('billing', 'billing.example', 'Lighthouse Billing');
export const SUPPORT = application('support', 'support.example', 'Lighthouse Support');
export const MONITORING = application('monitoring', 'monitoring.example', 'Monitoring');
/** Mail without a key belongs to the account `default`. */
export const LEGACY = application('default', 'legacy.example', 'Old Intranet');

export const APPLICATIONS = [SHOP, NEWSLETTER, BILLING, SUPPORT, MONITORING, LEGACY] as const;

/** The tag of scheduled messages that are cancelled at the end. */
export const DRAFT_TAG = 'draft';
