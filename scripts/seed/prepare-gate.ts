import type { Api } from '../../test/helpers/gates/api.ts';
import type { FarEnds } from './far-ends.ts';
import { APPLICATIONS } from './seed-mail.ts';

/** What the gate knows of the seed. */
export interface Prepared {
  /** Keys that send, by account. */
  readonly keys: Readonly<Record<string, string>>;
  /** Ends what was only needed to send: the keys go, and the providers are paused and last, so that what waits stays. */
  finish(api: Api): Promise<void>;
}

interface Provider {
  readonly id: number;
  readonly kind: string;
  readonly caption: string | null;
  readonly isEnabled: boolean;
  readonly senderDomains: readonly string[];
}

/** Behind the caption of each provider that is ours. */
const MARK = ' (seed)';
const DOMAINS = APPLICATIONS.map(({ domain }) => domain);
/** After every other provider, for mail that is sent from the same domains later. */
const LAST_PRIORITY = 1_000;
/** Of people who can sign in; in development mode only. */
const PASSWORD = 'correct horse battery';
const PEOPLE = [
  ['ada', 'admin'],
  ['grace', 'operator'],
  ['vera', 'viewer'],
] as const;

/** Makes providers, accounts, keys and people, or uses those of an earlier run. */
export async function prepareGate(api: Api, { ports }: FarEnds): Promise<Prepared> {
  const { development } = await api.ask<{ development: boolean }>('GET', '/v1/session');
  const { providers } = await api.ask<{ providers: readonly Provider[] }>('GET', '/v1/providers');
  const others = providers.filter(({ caption }) => caption?.endsWith(MARK) !== true);
  refuseLeaks(others);
  const inbox = others.find(({ kind }) => kind === 'capture');
  // The inbox takes all mail before any other provider; without weight it comes after those of the same priority.
  if (inbox !== undefined) await api.ask('PATCH', `/v1/providers/${inbox.id}`, { weight: 0 });
  const ids: number[] = [];
  for (const settings of providerSettings(ports)) ids.push(await putProvider(api, providers, settings));
  const keys = await makeKeys(api);
  if (development) await addPeople(api);
  return {
    keys: Object.fromEntries(keys.map(({ account, secret }) => [account, secret])),
    async finish(last) {
      for (const id of ids) {
        await last.ask('POST', `/v1/providers/${id}/pause`);
        await last.ask('PATCH', `/v1/providers/${id}`, { priority: LAST_PRIORITY });
      }
      if (inbox !== undefined) await last.ask('PATCH', `/v1/providers/${inbox.id}`, { weight: 100 });
      for (const { id } of keys) await last.ask('DELETE', `/v1/keys/${id}`);
    },
  };
}

/** Mail of the seed goes to our far ends, or into an inbox, and nowhere else. */
function refuseLeaks(others: readonly Provider[]): void {
  const leak = others.find(
    ({ kind, isEnabled, senderDomains }) =>
      kind !== 'capture' &&
      isEnabled &&
      (senderDomains.length === 0 || senderDomains.some(one => DOMAINS.includes(one))),
  );
  if (leak === undefined) return;
  const name = leak.caption ?? `number ${leak.id}`;
  throw new Error(`The provider ${name} could get mail of the seed. Disable it, or fill a gate without it.`);
}

function providerSettings({ first, second, locked, closed }: FarEnds['ports']) {
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

async function makeKeys(api: Api) {
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
