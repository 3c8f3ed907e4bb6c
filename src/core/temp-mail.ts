import type { Address } from './address.ts';

/** A temp-mail address: whoever holds its JWT sends as it. */
export interface MailAddress {
  readonly id: number;
  readonly address: Address;
  /** A slow salted hash; null when it has no password. */
  readonly passwordHash: string | null;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** What an address may still send. */
export interface Balance {
  readonly id: number;
  readonly address: Address;
  /** Recipients. */
  readonly balance: number;
  readonly isEnabled: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** What the administrator sets for all addresses together. */
export interface TempMailSettings {
  readonly id: number;
  /** A recipient that contains one of these is refused. */
  readonly sendBlockList: readonly string[];
  /** Of the whole gate, by the calendar of UTC; −1: no limit, 0: nothing. */
  readonly sendLimits: {
    readonly dailyEnabled: boolean;
    readonly monthlyEnabled: boolean;
    readonly dailyLimit: number;
    readonly monthlyLimit: number;
  };
}
