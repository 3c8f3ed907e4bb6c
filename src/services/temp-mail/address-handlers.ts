import type { Passwords } from '../../auth/passwords.ts';
import { PASSWORD_ALPHABET, type Random, randomText } from '../../auth/random-text.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { Client } from '../../operations/operation.ts';
import type { NewMailAddress } from '../../operations/temp-mail-operations.ts';
import type { Addresses } from '../../store/addresses.ts';
import type { AddressNames } from './address-names.ts';
import type { Tokens } from './address-tokens.ts';
import type { TempMailHandlers } from './handlers.ts';
import type { AuditTempMail } from './temp-mail-audit.ts';

export interface AddressHandlersContext {
  readonly addresses: Addresses;
  readonly audit: AuditTempMail;
  readonly names: AddressNames;
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  /** Returns true if this client may create an address without an administrator. */
  readonly mayCreate: (client: Client) => boolean;
  /** Whether addresses have passwords. */
  readonly addressPasswords: boolean;
  readonly random: Random;
  /** Epoch ms. */
  readonly now: () => number;
}

const PASSWORD_LENGTH = 8;

/** Handlers that create, list and remove addresses, and list their sent items. */
export function createAddressHandlers(
  context: AddressHandlersContext,
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
  const { addresses, tokens, mayCreate, audit } = context;
  return {
    async tempMailOpen(client, request) {
      if (!mayCreate(client)) throw new TempMailError('creation-disabled');
      return create(context, { ...request, hasPrefix: true });
    },
    async tempMailAdd(caller, request) {
      if (request.name === '') throw new TempMailError('missing-field');
      const created = await create(context, request);
      await audit(caller, { action: 'added', name: created.address.address, changes: {} });
      return created;
    },
    async tempMailAddresses(_caller, window) {
      const { items, count } = await addresses.list(window);
      const listed = items.map(async address => {
        const balance = await addresses.balance(address.address);
        return { address, ...(balance !== undefined && { balance }) };
      });
      return { items: await Promise.all(listed), count };
    },
    async tempMailJwt(_caller, { id }) {
      const address = await addresses.get(id);
      if (address === undefined) throw new TempMailError('address-not-found');
      return tokens.sign(address);
    },
    async tempMailLeave({ id }) {
      await addresses.remove(id);
      return undefined;
    },
    async tempMailRemove(caller, { id }) {
      const address = await addresses.get(id);
      const isRemoved = await addresses.remove(id);
      if (address !== undefined && isRemoved) {
        await audit(caller, { action: 'removed', name: address.address, changes: {} });
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
  context: AddressHandlersContext,
  request: { name: string; domain: string; hasPrefix: boolean },
): Promise<NewMailAddress> {
  const { addresses, names, tokens, passwords, addressPasswords, random, now } = context;
  tokens.assertHasSecret();
  const address = names.address(request);
  const password = addressPasswords ? randomText(random, PASSWORD_ALPHABET, PASSWORD_LENGTH) : null;
  const passwordHash = password === null ? null : await passwords.hash(password);
  const added = await addresses.add({ address, passwordHash, createdAt: now() });
  if (added === undefined) throw new TempMailError('address-exists');
  return { address: added, jwt: await tokens.sign(added), password };
}
