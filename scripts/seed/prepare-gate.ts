import type { Api } from '../../test/helpers/gates/api.ts';
import { APPLICATIONS } from './seed-mail.ts';
import type { SmtpServers } from './smtp-servers.ts';

/** The objects that the seed has added to the gate. */
export interface Prepared {
  /** Keys by account. */
  readonly keys: Readonly<Record<string, string>>;
  /** Revokes the keys, and pauses the providers with the last priority. Their queued messages stay. */
  finish(api: Api): Promise<void>;
}

interface Provider {
  readonly id: number;
  readonly kind: string;
  readonly caption: string | null;
  readonly isEnabled: boolean;
  readonly senderDomains: readonly string[];
}

/** Suffix of the name of each provider that the seed has added. */
const MARK = ' (seed)';
const DOMAINS = APPLICATIONS.map(({ domain }) => domain);
/** After all other providers, for later mail from the same domains. */
const LAST_PRIORITY = 1_000;
/** The password of the users. They are added only in development mode. */
const PASSWORD = 'correct horse battery';
const PEOPLE = [
  ['ada', 'admin'],
  ['grace', 'operator'],
  ['vera', 'viewer'],
] as const;

/** Adds providers, accounts, keys and users, or uses those of an earlier run. */
export async function prepareGate(api: Api, { ports }: SmtpServers): Promise<Prepared> {
  const { development } = await api.ask<{ development: boolean }>('GET', '/v1/session');
  const { providers } = await api.ask<{ providers: readonly Provider[] }>('GET', '/v1/providers');
  const others = providers.filter(({ caption }) => caption?.endsWith(MARK) !== true);
  refuseRealProviders(others);
  const inbox = others.find(({ kind }) => kind === 'capture');
  // The inbox has the first priority. With weight 0 it comes after other providers of the same priority.
  if (inbox !== undefined) await api.ask('PATCH', `/v1/providers/${inbox.id}`, { weight: 0 });
  const ids: number[] = [];
  for (const settings of providerSettings(ports)) ids.push(await putProvider(api, providers, settings));
  const keys = await createKeys(api);
  if (development) await addPeople(api);
  return {
    keys: Object.fromEntries(keys.map(({ account, secret }) => [account, secret])),
    async finish(current) {
      for (const id of ids) {
        await current.ask('POST', `/v1/providers/${id}/pause`);
        await current.ask('PATCH', `/v1/providers/${id}`, { priority: LAST_PRIORITY });
      }
      if (inbox !== undefined) await current.ask('PATCH', `/v1/providers/${inbox.id}`, { weight: 100 });
      for (const { id } of keys) await current.ask('DELETE', `/v1/keys/${id}`);
    },
  };
}

/** Throws if a provider could send mail of the seed to a real server. */
function refuseRealProviders(others: readonly Provider[]): void {
  const real = others.find(
    ({ kind, isEnabled, senderDomains }) =>
      kind !== 'capture' &&
      isEnabled &&
      (senderDomains.length === 0 || senderDomains.some(one => DOMAINS.includes(one))),
  );
  if (real === undefined) return;
  const name = real.caption ?? `number ${real.id}`;
  throw new Error(`The provider ${name} could get mail of the seed. Disable it, or fill another gate.`);
}

function providerSettings({ first, second, locked, closed }: SmtpServers['ports']) {
  const server = { kind: 'smtp', host: '127.0.0.1', encryption: 'none', priority: 0, isEnabled: true };
  const limits = { maxPerHour: 50_000, maxPerDay: 200_000 };
  return [
    { ...server, caption: `Amazon SES${MARK}`, port: first, weight: 100, senderDomains: DOMAINS, ...limits },
    {
      ...server,
      caption: `Mailgun${MARK}`,
      port: second,
      weight: 60,
      senderDomains: DOMAINS,
      maxPerHour: 20_000,
    },
    { ...server, caption: `Old relay${MARK}`, port: closed, weight: 300, senderDomains: ['billing.example'] },
    {
      ...server,
      ...{ caption: `Partner${MARK}`, port: locked, weight: 300, senderDomains: ['support.example'] },
      ...{ username: 'postern', password: 'a password that was changed' },
    },
  ];
}

async function putProvider(
  api: Api,
  present: readonly Provider[],
  settings: { readonly caption: string },
): Promise<number> {
  const found = present.find(({ caption }) => caption === settings.caption);
  if (found === undefined) return api.addProvider(settings);
  const { kind: _, ...changes } = { kind: '', ...settings };
  await api.ask('PATCH', `/v1/providers/${found.id}`, changes);
  await api.ask('POST', `/v1/providers/${found.id}/resume`);
  return found.id;
}

async function createKeys(api: Api) {
  const { accounts } = await api.ask<{ accounts: readonly { name: string }[] }>('GET', '/v1/accounts');
  const keys: { readonly account: string; readonly id: number; readonly secret: string }[] = [];
  for (const { account, domain } of APPLICATIONS) {
    const isKnown = accounts.some(({ name }) => name === account);
    const newAccount = isKnown ? {} : { newAccount: { allowedSenders: [`@${domain}`] } };
    const wanted = { account, name: `${account}-production`, scopes: ['send', 'read'], ...newAccount };
    const { id, secret } = await api.ask<{ id: number; secret: string }>('POST', '/v1/keys', wanted);
    keys.push({ account, id, secret });
  }
  return keys;
}

async function addPeople(api: Api): Promise<void> {
  const { users } = await api.ask<{ users: readonly { name: string }[] }>('GET', '/v1/users');
  for (const [name, role] of PEOPLE) {
    if (users.some(user => user.name === name)) continue;
    await api.ask('POST', '/v1/users', { name, role, password: PASSWORD });
  }
}
