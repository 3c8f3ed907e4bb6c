import type { Sealing } from '../../auth/sealing.ts';
import type { Principal } from '../../core/account.ts';
import { AppError } from '../../core/errors.ts';
import { type Provider, withoutSecrets } from '../../core/provider.ts';
import type { CheckReport, Transport } from '../../delivery/transport.ts';
import type { Handlers } from '../../operations/operations.ts';
import type { TestMail } from '../../operations/provider-operations.ts';
import type { Audit, Author } from '../../store/audit.ts';
import type { Registry } from '../../store/registry.ts';
import { asAuthor } from '../author.ts';
import { draftProvider, type ProviderDraft, type ProviderRules } from './provider-draft.ts';
import { PROVIDER_PRESETS } from './provider-presets.ts';
import { draftTestMail, sendTestMail } from './test-mail.ts';

export interface ProvidersContext {
  readonly registry: Registry;
  readonly audit: Pick<Audit, 'note'>;
  readonly sealing: Sealing;
  readonly rules: ProviderRules;
  /** Creates the transport of a provider. Throws if the provider cannot be used at all. */
  readonly makeTransport: (provider: Provider) => Transport;
  /** Epoch ms. */
  readonly now: () => number;
  /** Returns a unique text. The registry requires unique names, but several providers can have the same caption. */
  readonly newName: () => string;
  /** Resolves when delivery uses all changes that were made so far. */
  readonly waitUntilApplied: () => Promise<void>;
}

export type ProviderHandlers = Pick<
  Handlers,
  | 'providers'
  | 'provider'
  | 'addProvider'
  | 'changeProvider'
  | 'removeProvider'
  | 'checkProvider'
  | 'tryProvider'
  | 'providerPresets'
  | 'pauseProvider'
  | 'pauseProviders'
>;

/**
 * Handlers that manage providers. A change has taken effect when the handler returns. Mail in the lane of a provider that
 * was disabled or removed goes to another provider, or waits for one.
 */
export function createProviderHandlers(context: ProvidersContext): ProviderHandlers {
  const { registry } = context;
  return {
    async providers() {
      return (await registry.list('provider')).map(withoutSecrets);
    },
    async provider(_principal, { id }) {
      return withoutSecrets(await getProvider(registry, id));
    },
    async addProvider(principal, settings) {
      const added = await addProvider(
        context,
        draftProvider(settings, undefined, context.rules),
        asAuthor(principal, context.now),
      );
      await context.waitUntilApplied();
      return withoutSecrets(added);
    },
    async changeProvider(principal, { id, settings }) {
      if (settings.isEnabled === false) await assertNotOnlyProvider(registry, id);
      const changed = await registry.change(
        'provider',
        id,
        old => applyDraft(context, draftProvider(settings, old, context.rules), old),
        asAuthor(principal, context.now),
      );
      await context.waitUntilApplied();
      return withoutSecrets(changed ?? throwNotFound(id));
    },
    async removeProvider(principal, { id, mayBeGone = false }) {
      if (!(await registry.remove('provider', id, asAuthor(principal, context.now))) && !mayBeGone)
        throwNotFound(id);
      await context.waitUntilApplied();
      return undefined;
    },
    async pauseProvider(principal, { id, isPaused }) {
      const changed = await setPaused(context, principal, id, isPaused);
      await context.waitUntilApplied();
      return withoutSecrets(changed ?? throwNotFound(id));
    },
    async pauseProviders(principal, { isPaused }) {
      const all = await registry.list('provider');
      const changed = await Promise.all(all.map(({ id }) => setPaused(context, principal, id, isPaused)));
      await context.waitUntilApplied();
      return changed.flatMap(provider => (provider === undefined ? [] : [withoutSecrets(provider)]));
    },
    async checkProvider(principal, { id, mail }, signal) {
      return checkProvider(context, principal, { provider: await getProvider(registry, id), mail }, signal);
    },
    async tryProvider(principal, { id, settings, mail }, signal) {
      const old = id === undefined ? undefined : await getProvider(registry, id);
      const draft = draftProvider(settings, old, context.rules);
      const frame = { id: UNSAVED, createdAt: context.now(), updatedAt: null };
      const provider =
        old === undefined ? sealDraft(context.sealing, draft, frame, '') : applyDraft(context, draft, old);
      return checkProvider(context, principal, { provider, mail }, signal);
    },
    providerPresets: async () => PROVIDER_PRESETS,
  };
}

/** The id of a provider that is tested before it is saved. Ids in the registry start at 1. */
const UNSAVED = 0;

async function checkProvider(
  context: ProvidersContext,
  principal: Principal,
  { provider, mail }: { readonly provider: Provider; readonly mail: TestMail | undefined },
  signal: AbortSignal,
): Promise<CheckReport> {
  const parcel = mail === undefined ? undefined : draftTestMail(context, provider, mail);
  const transport = context.makeTransport(provider);
  try {
    const report = await transport.check(signal);
    if (parcel === undefined || !report.ok) return report;
    await auditTestMail(context, principal, provider, parcel.envelope.recipients);
    const stage = await sendTestMail(transport, parcel, signal);
    return { ok: stage.ok, stages: [...report.stages, stage] };
  } finally {
    await transport.close();
  }
}

/** The audit entry is stored before the mail is sent. */
function auditTestMail(
  { audit, now }: ProvidersContext,
  principal: Principal,
  { id, caption }: Provider,
  recipients: readonly string[],
): Promise<void> {
  const subject = id === UNSAVED ? null : id;
  const entry = { action: 'tested', kind: 'provider', subject, name: caption ?? '' } as const;
  return audit.note({ ...asAuthor(principal, now), ...entry, changes: { mailTo: [null, recipients] } });
}

/** Stores the draft as a new provider. */
export async function addProvider(
  context: Pick<ProvidersContext, 'registry' | 'sealing' | 'now' | 'newName'>,
  draft: ProviderDraft,
  author?: Author,
): Promise<Provider> {
  const times = { createdAt: context.now(), updatedAt: null };
  const added = await context.registry.add(
    'provider',
    context.newName(),
    id => sealDraft(context.sealing, draft, { id, ...times }, ''),
    author,
  );
  if (added === undefined) throw new Error('newName returned a name that is already taken');
  return added;
}

/** The row name for sealing the password of a provider. */
export function providerSecretRow({ id }: Pick<Provider, 'id'>): string {
  return `provider:${id}`;
}

function applyDraft({ sealing, now }: ProvidersContext, draft: ProviderDraft, old: Provider): Provider {
  const { id, createdAt } = old;
  const sealedPassword = old.kind === 'smtp' ? old.sealedPassword : '';
  const frame = { id, createdAt, updatedAt: now(), ...(old.isPaused && { isPaused: old.isPaused }) };
  return sealDraft(sealing, draft, frame, sealedPassword);
}

function sealDraft(
  sealing: Sealing,
  draft: ProviderDraft,
  frame: Pick<Provider, 'id' | 'createdAt' | 'updatedAt' | 'isPaused'>,
  oldPassword: string,
): Provider {
  if (!('password' in draft)) return { ...draft.provider, ...frame };
  const { provider, password } = draft;
  const sealedPassword =
    password === undefined ? oldPassword : sealing.seal(password, providerSecretRow(frame));
  return { ...provider, ...frame, sealedPassword };
}

function setPaused(
  { registry, now }: ProvidersContext,
  principal: Principal,
  id: number,
  isPaused: boolean,
): Promise<Provider | undefined> {
  return registry.change(
    'provider',
    id,
    ({ isPaused: wasPaused, ...old }) => {
      if ((wasPaused ?? false) === isPaused) return { ...old, ...(wasPaused && { isPaused: wasPaused }) };
      return { ...old, updatedAt: now(), ...(isPaused && { isPaused }) };
    },
    asAuthor(principal, now),
  );
}

async function getProvider(registry: Registry, id: number): Promise<Provider> {
  return (await registry.get('provider', id)) ?? throwNotFound(id);
}

async function assertNotOnlyProvider(registry: Registry, id: number): Promise<void> {
  const providers = await registry.list('provider');
  if (providers.length === 1 && providers[0]?.id === id) {
    throw new AppError('conflict', 'The only provider cannot be disabled. Add another provider first.', {
      field: 'isEnabled',
    });
  }
}

function throwNotFound(id: number): never {
  throw new AppError('not_found', `There is no provider ${id}.`);
}
