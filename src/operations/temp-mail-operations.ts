import type { Balance, MailAddress, TempMailSettings } from '../core/temp-mail.ts';
import type { Slice } from '../store/addresses.ts';
import type { Operation } from './operation.ts';

/** Public information: who can create addresses, and how their owners send. */
export interface TempMailInfo {
  readonly domains: readonly string[];
  readonly prefix: string;
  readonly hasSitePassword: boolean;
  /** True if this client may create an address. */
  readonly userCreation: boolean;
  readonly addressPasswords: boolean;
  /** Absent: SMTP is disabled. */
  readonly smtp?: { readonly host: string; readonly port: number; readonly starttls: boolean };
}

/** A message in a request, before it is checked. Absent texts are ''. */
export interface TempMailMessage {
  readonly fromName: string;
  readonly toName: string;
  readonly toMail: string;
  readonly subject: string;
  readonly content: string;
  readonly isHtml: boolean;
}

/** A new address with its credentials. They are not shown again. */
export interface NewMailAddress {
  readonly address: MailAddress;
  readonly jwt: string;
  /** Null: address passwords are disabled. */
  readonly password: string | null;
}

/** A part of a list. */
export interface ListRange {
  readonly limit: number;
  readonly offset: number;
}

/** A sent message. `raw` is the JSON text that the API shows, `createdAt` is in epoch ms. */
export interface StoredSentItem {
  readonly id: number;
  readonly address: string;
  readonly raw: string;
  readonly createdAt: number;
}

/** An address in the list. Without a balance it has never tried to send. */
export interface ListedAddress {
  readonly address: MailAddress;
  readonly balance?: Balance;
}

type Nothing = Record<string, never>;

/** The operations of the temp-mail API: for an address, for its administrator, or for anybody. */
export interface TempMailOperations {
  tempMailInfo: Operation<Nothing, TempMailInfo, 'anyone'>;
  /** Creates an address for anybody. An empty name becomes a random one, an empty domain the first one. */
  tempMailOpen: Operation<{ name: string; domain: string }, NewMailAddress, 'anyone'>;
  tempMailLogIn: Operation<
    { address: string; password: string },
    { jwt: string; address: MailAddress },
    'anyone'
  >;

  tempMailBalance: Operation<Nothing, { address: string; balance: number }, 'address'>;
  tempMailRequestAccess: Operation<Nothing, undefined, 'address'>;
  /** Resolves when the message is accepted and its first attempt was not refused. */
  tempMailSend: Operation<TempMailMessage, undefined, 'address'>;
  tempMailSent: Operation<ListRange, Slice<StoredSentItem>, 'address'>;
  tempMailClearSent: Operation<Nothing, undefined, 'address'>;
  tempMailLeave: Operation<Nothing, undefined, 'address'>;

  tempMailAdd: Operation<
    { name: string; domain: string; hasPrefix: boolean },
    NewMailAddress,
    'manage' | 'temp-mail admin'
  >;
  /** `text`: only addresses that contain it. The newest come first. */
  tempMailAddresses: Operation<ListRange & { text?: string }, Slice<ListedAddress>, 'oversee'>;
  tempMailJwt: Operation<{ id: number }, string, 'manage' | 'temp-mail admin'>;
  tempMailRemove: Operation<{ id: number }, undefined, 'manage' | 'temp-mail admin'>;
  /** Sends as any address of the domains, and charges no balance. */
  tempMailSendAs: Operation<{ from: string; message: TempMailMessage }, undefined, 'temp-mail admin'>;
  /** `address`: only addresses that contain it. */
  tempMailBalances: Operation<ListRange & { address?: string }, Slice<Balance>, 'temp-mail admin'>;
  tempMailSetBalance: Operation<
    { id: number; address: string; balance: number; isEnabled: boolean },
    undefined,
    'manage' | 'temp-mail admin'
  >;
  /** Sets a balance by the id of the address, also if the address has none yet. */
  tempMailGrant: Operation<{ id: number; balance: number; isEnabled: boolean }, undefined, 'manage'>;
  tempMailRemoveBalance: Operation<{ id: number }, undefined, 'temp-mail admin'>;
  tempMailPolicy: Operation<Nothing, Omit<TempMailSettings, 'id'>, 'oversee' | 'temp-mail admin'>;
  /** Absent fields stay as they are. */
  tempMailSetPolicy: Operation<Partial<Omit<TempMailSettings, 'id'>>, undefined, 'temp-mail admin'>;
  /** Quotas count recipients. Null removes a quota, absent fields stay as they are. */
  tempMailChangePolicy: Operation<
    { blockList?: readonly string[]; maxPerDay?: number | null; maxPerMonth?: number | null },
    Omit<TempMailSettings, 'id'>,
    'manage'
  >;
}
