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

/** This account always exists. */
export const DEFAULT_ACCOUNT = 'default';
/** Lower than the default priority, so these providers come first. */
const FIRST = 0;
const INBOX = 'Inbox of development mode';
const SMARTHOST = 'Smarthost of the configuration';

/** Adds the account `default` if it is missing. It may send from all addresses. */
export async function provisionAccount({ registry, now }: ProvisionContext): Promise<void> {
  const createdAt = now();
  // If the name is taken, the account exists. The operator may have changed it.
  await registry.add('account', DEFAULT_ACCOUNT, id => {
    return newAccount({ id, name: DEFAULT_ACCOUNT, allowedSenders: ['*'], createdAt });
  });
}

/**
 * Adds the smarthost of the configuration, or the inbox in development mode. Removes those of an earlier configuration: an
 * inbox without development mode would keep all mail from being delivered. Resolves with the inbox, if there is one.
 */
export async function provisionProviders(context: ProvisionContext): Promise<Provider | undefined> {
  const { config, registry } = context;
  const providers = await registry.list('provider');
  const inbox = providers.find(provider => provider.kind === 'capture');
  const smarthost = providers.find(({ kind, caption }) => kind === 'smtp' && caption === SMARTHOST);
  const wantsInbox = config.development && config.smarthost === undefined;
  await replace(context, smarthost, smarthostSettings(config));
  return replace(
    context,
    inbox,
    wantsInbox ? { kind: 'capture', caption: INBOX, priority: FIRST } : undefined,
  );
}

/** Adds, replaces or removes one provider. An existing provider with the same settings stays. */
async function replace(
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
  // `?tls=none` in the URL of the smarthost is itself the permission for clear text.
  const hosts = settings.host === undefined ? allowClearText : [...allowClearText, settings.host];
  return addProvider(context, draftProvider(settings, undefined, { allowClearText: hosts, development }));
}

function isSame({ sealing }: ProvisionContext, found: Provider, settings: ProviderSettings): boolean {
  const { password, ...plain } = settings;
  const current = { ...found } as Readonly<Record<string, unknown>>;
  if (!Object.entries(plain).every(([field, value]) => current[field] === value)) return false;
  if (found.kind !== 'smtp') return true;
  return sealing.open(found.sealedPassword, providerSecretRow(found)) === password;
}

function smarthostSettings({
  smarthost,
  allowClearText,
}: ProvisionContext['config']): ProviderSettings | undefined {
  if (smarthost === undefined) return undefined;
  const parsed = parseSmarthost(smarthost, allowClearText);
  if (typeof parsed === 'string') throw new Error(`The setting smarthost ${parsed}`);
  return { kind: 'smtp', caption: SMARTHOST, priority: FIRST, ...parsed };
}
