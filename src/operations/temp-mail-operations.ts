import type { Balance, MailAddress, TempMailSettings } from '../core/temp-mail.ts';
import type { Slice } from '../store/addresses.ts';
import type { Operation } from './operation.ts';

/** What anybody may know of where addresses can be had and how their holders send. */
export interface TempMailOffer {
  readonly domains: readonly string[];
  readonly prefix: string;
  readonly hasSitePassword: boolean;
  /** Whether who asks may create an address. */
  readonly userCreation: boolean;
  readonly addressPasswords: boolean;
  /** Absent: there is no SMTP. */
  readonly smtp?: { readonly host: string; readonly port: number; readonly starttls: boolean };
}

/** A letter as its sender wrote it; texts are '' where nothing was given, and not checked at all. */
export interface TempMailLetter {
  readonly fromName: string;
  readonly toName: string;
  readonly toMail: string;
  readonly subject: string;
  readonly content: string;
  readonly isHtml: boolean;
}

/** A new address with all that its holder needs; neither is shown again. */
export interface NewMailAddress {
  readonly address: MailAddress;
  readonly jwt: string;
  /** Null: addresses have no passwords here. */
  readonly password: string | null;
}

/** Which part of a list. */
export interface ListRange {
  readonly limit: number;
  readonly offset: number;
}

/** A letter that was sent; `raw` is JSON text as the API shows it, `createdAt` epoch ms. */
export interface SentLetter {
  readonly id: number;
  readonly address: string;
  readonly raw: string;
  readonly createdAt: number;
}

/** An address in the list; without a balance it never asked to send. */
export interface ListedAddress {
  readonly address: MailAddress;
  readonly balance?: Balance;
}

type Nothing = Record<string, never>;

/** What the temp-mail API can ask of the gate: as an address, as its administrator, or as anybody. */
export interface TempMailOperations {
  tempMailOffer: Operation<Nothing, TempMailOffer, 'anyone'>;
  /** An address for whoever asks; '' for a random name, and for any of the domains. */
  tempMailOpen: Operation<{ name: string; domain: string }, NewMailAddress, 'anyone'>;
  tempMailLogIn: Operation<
    { address: string; password: string },
    { jwt: string; address: MailAddress },
    'anyone'
  >;

  tempMailBalance: Operation<Nothing, { address: string; balance: number }, 'address'>;
  tempMailRequestAccess: Operation<Nothing, undefined, 'address'>;
  /** Resolves once it is accepted, and was not refused at the first attempt. */
  tempMailSend: Operation<TempMailLetter, undefined, 'address'>;
  tempMailSent: Operation<ListRange, Slice<SentLetter>, 'address'>;
  tempMailClearSent: Operation<Nothing, undefined, 'address'>;
  tempMailLeave: Operation<Nothing, undefined, 'address'>;

  tempMailAdd: Operation<
    { name: string; domain: string; hasPrefix: boolean },
    NewMailAddress,
    'manage' | 'temp-mail admin'
  >;
  /** `text`: only those that contain it. Newest first. */
  tempMailAddresses: Operation<ListRange & { text?: string }, Slice<ListedAddress>, 'oversee'>;
  tempMailJwt: Operation<{ id: number }, string, 'manage' | 'temp-mail admin'>;
  tempMailRemove: Operation<{ id: number }, undefined, 'manage' | 'temp-mail admin'>;
  /** As any address of the domains, at no cost. */
  tempMailSendAs: Operation<{ from: string; letter: TempMailLetter }, undefined, 'temp-mail admin'>;
  /** `address`: only those that contain it. */
  tempMailBalances: Operation<ListRange & { address?: string }, Slice<Balance>, 'temp-mail admin'>;
  tempMailSetBalance: Operation<
    { id: number; address: string; balance: number; isEnabled: boolean },
    undefined,
    'manage' | 'temp-mail admin'
  >;
  /** The same by the id of the address, which need not have asked for a balance. */
  tempMailGrant: Operation<{ id: number; balance: number; isEnabled: boolean }, undefined, 'manage'>;
  tempMailRemoveBalance: Operation<{ id: number }, undefined, 'temp-mail admin'>;
  tempMailPolicy: Operation<Nothing, Omit<TempMailSettings, 'id'>, 'oversee' | 'temp-mail admin'>;
  /** What is absent stays as it is. */
  tempMailSetPolicy: Operation<Partial<Omit<TempMailSettings, 'id'>>, undefined, 'temp-mail admin'>;
  /** In recipients; null takes a quota away, what is absent stays. */
  tempMailChangePolicy: Operation<
    { blockList?: readonly string[]; maxPerDay?: number | null; maxPerMonth?: number | null },
    Omit<TempMailSettings, 'id'>,
    'manage'
  >;
}
