import type { Address } from '../core/address.ts';
import type { SentItem } from '../core/submission.ts';
import type { Balance, MailAddress } from '../core/temp-mail.ts';

/** One slice of a list, and how long the whole list is. */
export interface Slice<T> {
  readonly items: readonly T[];
  readonly count: number;
}

/** Temp-mail addresses, what they may still send, and what they sent. */
export interface Addresses {
  /** With the next id; undefined when there is such an address already. */
  add(address: Omit<MailAddress, 'id'>): Promise<MailAddress | undefined>;
  get(id: number): Promise<MailAddress | undefined>;
  find(address: Address): Promise<MailAddress | undefined>;
  /** Newest first; `text`: only those that contain it. */
  list(request: { text?: string; limit: number; offset: number }): Promise<Slice<MailAddress>>;
  /** With its balance and its sent items; false when there was none. */
  remove(id: number): Promise<boolean>;

  balance(address: Address): Promise<Balance | undefined>;
  /** The row of an address, made with `whenNew` if there is none. */
  openBalance(request: { address: Address; whenNew: number; now: number }): Promise<Balance>;
  /** Undefined when there is no such row, or it is another address's. */
  setBalance(request: {
    id: number;
    address: Address;
    balance: number;
    isEnabled: boolean;
  }): Promise<Balance | undefined>;
  removeBalance(id: number): Promise<boolean>;
  /**
   * Undoes what a message did that was refused while its sender waited: puts `amount` back into the address's balance if
   * it still has one, and takes away the newest sent item with that text.
   */
  undo(refused: SentItem & { readonly amount: number }): Promise<void>;
  /** Newest first; `address`: only those that contain it. */
  balances(request: { address?: string; limit: number; offset: number }): Promise<Slice<Balance>>;

  /** Newest first. */
  sentItems(request: {
    address: Address;
    limit: number;
    offset: number;
  }): Promise<Slice<SentItem & { readonly id: number; readonly createdAt: number }>>;
  clearSentItems(address: Address): Promise<void>;
}
