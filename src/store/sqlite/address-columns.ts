import type { Balance } from '../../core/temp-mail.ts';

/** The columns of an address, by the names of its fields. */
export const ADDRESS = 'id, address, password_hash as passwordHash, created_at as createdAt';

/** The columns of a balance; `balanceOf` makes one of them. */
export const BALANCE = 'id, address, balance, is_enabled as isEnabled, created_at as createdAt';

export type BalanceRow = Omit<Balance, 'isEnabled'> & { readonly isEnabled: 0 | 1 };

export function balanceOf(row: BalanceRow): Balance {
  return { ...row, isEnabled: row.isEnabled === 1 };
}
