import type { Balance } from '../../core/temp-mail.ts';
import type {
  ListRange,
  NewMailAddress,
  StoredSentItem,
  TempMailInfo,
} from '../../operations/temp-mail-operations.ts';
import type { DialectReply, DialectRequest } from '../dialect.ts';

/** The replies of most routes. */
export const OK = json({ status: 'ok' });
export const SUCCESS = json({ success: true });

/** A reply 200 with a JSON body. */
export function json(value: unknown): DialectReply {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify(value),
  };
}

export function viewNewAddress({ jwt, address, password }: NewMailAddress): DialectReply {
  return json({ jwt, address: address.address, password, address_id: address.id });
}

export function viewSent({ id, address, raw, createdAt }: StoredSentItem): object {
  return { id, address, raw, created_at: sqlTime(createdAt) };
}

export function viewBalance({ id, address, balance, isEnabled, createdAt }: Balance): object {
  return { id, address, balance, enabled: isEnabled ? 1 : 0, created_at: sqlTime(createdAt) };
}

/** A part of a list. As in the original API, `count` is the length of the whole list only if the offset is 0. */
export function viewList<T>(
  { items, count }: { readonly items: readonly T[]; readonly count: number },
  { offset }: Pick<ListRange, 'offset'>,
  view: (item: T) => object,
): DialectReply {
  return json({ results: items.map(view), count: offset > 0 ? 0 : count });
}

/** The settings with the field names of the original API. */
export function viewInfo(info: TempMailInfo, needsPassword: boolean): DialectReply {
  const { domains, prefix, userCreation, addressPasswords, smtp } = info;
  return json({
    prefix,
    domains,
    defaultDomains: domains,
    needAuth: needsPassword,
    enableUserCreateEmail: userCreation,
    enableUserDeleteEmail: true,
    enableSendMail: true,
    enableAddressPassword: addressPasswords,
    smtpImapProxyConfig: smtp === undefined ? {} : { smtp },
  });
}

/** Returns true if a header is present and not empty. */
export function hasHeader({ headers }: DialectRequest, name: string): boolean {
  return (headers[name] ?? '') !== '';
}

/** `YYYY-MM-DD HH:MM:SS` in UTC. */
function sqlTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
