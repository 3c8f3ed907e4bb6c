import type { Account } from '../core/account.ts';
import type { Address } from '../core/address.ts';

/** Whether an account may send as an address: `*` is anyone, `@domain` that very domain, else the address itself. */
export function maySendAs(account: Pick<Account, 'allowedSenders'>, address: Address): boolean {
  const wanted = address.toLowerCase();
  const domain = wanted.slice(wanted.lastIndexOf('@'));
  return account.allowedSenders.some(entry => {
    const allowed = entry.toLowerCase();
    return allowed === '*' || allowed === domain || allowed === wanted;
  });
}
