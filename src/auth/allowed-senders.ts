import type { Account } from '../core/account.ts';
import type { Address } from '../core/address.ts';

/** An entry `*` matches every address, `@domain` that domain without its subdomains, anything else one address. */
export function maySendAs(account: Pick<Account, 'allowedSenders'>, address: Address): boolean {
  const wanted = address.toLowerCase();
  const domain = wanted.slice(wanted.lastIndexOf('@'));
  return account.allowedSenders.some(entry => {
    const allowed = entry.toLowerCase();
    return allowed === '*' || allowed === domain || allowed === wanted;
  });
}
