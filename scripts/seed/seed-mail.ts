import type { Person } from './people.ts';

/** An application that sends: its account, and the domain that it sends from. */
export interface Application {
  readonly account: string;
  readonly domain: string;
  readonly from: string;
}

/** By which API a message is submitted. */
export type Way = 'v1' | 'smtp' | 'turbosmtp' | 'powermta';

/** A message to submit. */
export interface SeedMail {
  readonly application: Application;
  readonly way: Way;
  readonly to: readonly Person[];
  readonly cc: readonly Person[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attachments: readonly SeedAttachment[];
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly priority?: 'high' | 'bulk';
  /** Ms from its submission: it is sent then, or no longer tried then. */
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

/** The tag of scheduled mail that is cancelled in the end. */
export const DRAFT_TAG = 'draft';
