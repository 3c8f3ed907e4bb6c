import type { Config } from '../../config/config-schema.ts';
import { parseSmarthost } from '../../config/smarthost.ts';
import { newAccount } from '../../core/account.ts';
import type { Provider } from '../../core/provider.ts';
import type { ProviderSettings } from '../../operations/provider-operations.ts';
import { draftProvider } from './provider-draft.ts';
import { addProvider, type ProvidersContext, providerSecretRow } from './providers.ts';

export type ProvisionContext = Pick<ProvidersContext, 'registry' | 'sealing' | 'now' | 'newName'> & {
  readonly config: Pick<Config, 'development' | 'smarthost' | 'allowClearText'>;
};

/** The account that is always there. */
export const DEFAULT_ACCOUNT = 'default';
/** Before all that are added without a priority. */
const FIRST = 0;
const INBOX = 'Inbox of development mode';
const SMARTHOST = 'Smarthost of the configuration';

/** Makes the account `default`, which may send as anyone, when it is not there. */
export async function provisionAccount({ registry, now }: ProvisionContext): Promise<void> {
  const createdAt = now();
  // When the name is taken the account is there, in whatever state its operator wants it.
  await registry.add('account', DEFAULT_ACCOUNT, id => {
    return newAccount({ id, name: DEFAULT_ACCOUNT, allowedSenders: ['*'], createdAt });
  });
}

/**
 * Makes the providers be what the configuration says: its smarthost, or in development mode the inbox; those of an
 * earlier configuration go. An inbox never outlives development mode: it would keep all mail from going out. Resolves with
 * the inbox, where there is one.
 */
export async function provisionProviders(context: ProvisionContext): Promise<Provider | undefined> {
  const { config, registry } = context;
  const providers = await registry.list('provider');
  const inbox = providers.find(provider => provider.kind === 'capture');
  const smarthost = providers.find(({ kind, caption }) => kind === 'smtp' && caption === SMARTHOST);
  const wantsInbox = config.development && config.smarthost === undefined;
  await settle(context, smarthost, smarthostSettings(config));
  return settle(
    context,
    inbox,
    wantsInbox ? { kind: 'capture', caption: INBOX, priority: FIRST } : undefined,
  );
}

/** Adds, replaces or removes one provider. The one that is there is left alone when nothing of it would change. */
async function settle(
  context: ProvisionContext,
  found: Provider | undefined,
  settings: ProviderSettings | undefined,
): Promise<Provider | undefined> {
  if (settings === undefined) {
    if (found !== undefined) await context.registry.remove('provider', found.id);
    return undefined;
  }
  if (found !== undefined && isSame(context, found, settings)) return found;
  if (found !== undefined) await context.registry.remove('provider', found.id);
  const { allowClearText, development } = context.config;
  // What the configuration itself names may be in clear text when it says so there (`?tls=none`).
  const hosts = settings.host === undefined ? allowClearText : [...allowClearText, settings.host];
  return addProvider(context, draftProvider(settings, undefined, { allowClearText: hosts, development }));
}

function isSame({ sealing }: ProvisionContext, found: Provider, settings: ProviderSettings): boolean {
  const { password, ...plain } = settings;
  const before = { ...found } as Readonly<Record<string, unknown>>;
  if (!Object.entries(plain).every(([field, value]) => before[field] === value)) return false;
  if (found.kind !== 'smtp') return true;
  return sealing.open(found.sealedPassword, providerSecretRow(found)) === password;
}

function smarthostSettings({
  smarthost,
  allowClearText,
}: ProvisionContext['config']): ProviderSettings | undefined {
  if (smarthost === undefined) return undefined;
  const parsed = parseSmarthost(smarthost, allowClearText);
  if (typeof parsed === 'string') throw new Error(`smarthost ${parsed}`);
  return { kind: 'smtp', caption: SMARTHOST, priority: FIRST, ...parsed };
}
