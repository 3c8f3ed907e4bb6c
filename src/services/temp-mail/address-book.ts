import type { Passwords } from '../../auth/passwords.ts';
import { PASSWORD_ALPHABET, type Random, randomText } from '../../auth/random-text.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { Client } from '../../operations/operation.ts';
import type { NewMailAddress } from '../../operations/temp-mail-operations.ts';
import type { Addresses } from '../../store/addresses.ts';
import type { AddressNames } from './address-names.ts';
import type { Tokens } from './address-tokens.ts';
import type { TempMailHandlers } from './handlers.ts';
import type { NoteByHand } from './temp-mail-audit.ts';

export interface AddressBookContext {
  readonly addresses: Addresses;
  readonly note: NoteByHand;
  readonly names: AddressNames;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  /** Who may have an address without asking the administrator. */
  readonly isOpenTo: (who: Client) => boolean;
  /** Whether addresses have passwords. */
  readonly addressPasswords: boolean;
  readonly random: Random;
  /** Epoch ms. */
  readonly now: () => number;
}

const PASSWORD_LENGTH = 8;

/** How addresses come and go, and what their holders are given. */
export function createAddressHandlers(
  context: AddressBookContext,
): Pick<
  TempMailHandlers,
  | 'tempMailOpen'
  | 'tempMailAdd'
  | 'tempMailAddresses'
  | 'tempMailJwt'
  | 'tempMailLeave'
  | 'tempMailRemove'
  | 'tempMailSent'
  | 'tempMailClearSent'
> {
  const { addresses, tokens, isOpenTo, note } = context;
  return {
    async tempMailOpen(who, wish) {
      if (!isOpenTo(who)) throw new TempMailError('creation-disabled');
      return create(context, { ...wish, hasPrefix: true });
    },
    async tempMailAdd(who, wish) {
      if (wish.name === '') throw new TempMailError('missing-field');
      const made = await create(context, wish);
      await note(who, { action: 'added', name: made.address.address, changes: {} });
      return made;
    },
    async tempMailAddresses(_who, window) {
      const { items, count } = await addresses.list(window);
      const listed = items.map(async address => {
        const balance = await addresses.balance(address.address);
        return { address, ...(balance !== undefined && { balance }) };
      });
      return { items: await Promise.all(listed), count };
    },
    async tempMailJwt(_who, { id }) {
      const address = await addresses.get(id);
      if (address === undefined) throw new TempMailError('address-not-found');
      return tokens.make(address);
    },
    async tempMailLeave({ id }) {
      await addresses.remove(id);
      return undefined;
    },
    async tempMailRemove(who, { id }) {
      const known = await addresses.get(id);
      const isRemoved = await addresses.remove(id);
      if (known !== undefined && isRemoved) {
        await note(who, { action: 'removed', name: known.address, changes: {} });
      }
      return undefined;
    },
    tempMailSent: ({ address }, window) => addresses.sentItems({ address, ...window }),
    async tempMailClearSent({ address }) {
      await addresses.clearSentItems(address);
      return undefined;
    },
  };
}

async function create(
  context: AddressBookContext,
  wish: { name: string; domain: string; hasPrefix: boolean },
): Promise<NewMailAddress> {
  const { addresses, names, tokens, passwords, addressPasswords, random, now } = context;
  tokens.assertCanMake();
  const address = names.address(wish);
  const password = addressPasswords ? randomText(random, PASSWORD_ALPHABET, PASSWORD_LENGTH) : null;
  const passwordHash = password === null ? null : await passwords.hash(password);
  const made = await addresses.add({ address, passwordHash, createdAt: now() });
  if (made === undefined) throw new TempMailError('address-exists');
  return { address: made, jwt: await tokens.make(made), password };
}
