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
  /** The transport of a provider; throws when the provider cannot be used at all. */
  readonly makeTransport: (provider: Provider) => Transport;
  /** Epoch ms. */
  readonly now: () => number;
  /** A text that was never used before: captions may repeat, and the registry wants a name. */
  readonly newName: () => string;
  /** Resolves once mail goes by every change that was made so far. */
  readonly settled: () => Promise<void>;
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
 * The operator's ways out. A change has taken effect when it is answered: mail that waited for a provider that is now
 * disabled or gone takes another route, or waits for one.
 */
export function createProviderHandlers(context: ProvidersContext): ProviderHandlers {
  const { registry } = context;
  return {
    async providers() {
      return (await registry.list('provider')).map(withoutSecrets);
    },
    async provider(_principal, { id }) {
      return withoutSecrets(await existing(registry, id));
    },
    async addProvider(principal, settings) {
      const added = await addProvider(
        context,
        draftProvider(settings, undefined, context.rules),
        asAuthor(principal, context.now),
      );
      await context.settled();
      return withoutSecrets(added);
    },
    async changeProvider(principal, { id, settings }) {
      if (settings.isEnabled === false) await assertNotTheOnlyOne(registry, id);
      const changed = await registry.change(
        'provider',
        id,
        old => build(context, draftProvider(settings, old, context.rules), old),
        asAuthor(principal, context.now),
      );
      await context.settled();
      return withoutSecrets(changed ?? fail(id));
    },
    async removeProvider(principal, { id, mayBeGone = false }) {
      if (!(await registry.remove('provider', id, asAuthor(principal, context.now))) && !mayBeGone) fail(id);
      await context.settled();
      return undefined;
    },
    async pauseProvider(principal, { id, isPaused }) {
      const changed = await setPaused(context, principal, id, isPaused);
      await context.settled();
      return withoutSecrets(changed ?? fail(id));
    },
    async pauseProviders(principal, { isPaused }) {
      const all = await registry.list('provider');
      const changed = await Promise.all(all.map(({ id }) => setPaused(context, principal, id, isPaused)));
      await context.settled();
      return changed.flatMap(provider => (provider === undefined ? [] : [withoutSecrets(provider)]));
    },
    async checkProvider(principal, { id, mail }, signal) {
      return check(context, principal, { provider: await existing(registry, id), mail }, signal);
    },
    async tryProvider(principal, { id, settings, mail }, signal) {
      const old = id === undefined ? undefined : await existing(registry, id);
      const draft = draftProvider(settings, old, context.rules);
      const frame = { id: UNSAVED, createdAt: context.now(), updatedAt: null };
      const provider =
        old === undefined ? complete(context.sealing, draft, frame, '') : build(context, draft, old);
      return check(context, principal, { provider, mail }, signal);
    },
    providerPresets: async () => PROVIDER_PRESETS,
  };
}

/** No provider has this id. */
const UNSAVED = 0;

async function check(
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
    await noteTestMail(context, principal, provider, parcel.envelope.recipients);
    const stage = await sendTestMail(transport, parcel, signal);
    return { ok: stage.ok, stages: [...report.stages, stage] };
  } finally {
    await transport.close();
  }
}

/** Mail that leaves leaves a trace, before it does. */
function noteTestMail(
  { audit, now }: ProvidersContext,
  principal: Principal,
  { id, caption }: Provider,
  recipients: readonly string[],
): Promise<void> {
  const subject = id === UNSAVED ? null : id;
  const what = { action: 'tested', kind: 'provider', subject, name: caption ?? '' } as const;
  return audit.note({ ...asAuthor(principal, now), ...what, changes: { mailTo: [null, recipients] } });
}

/** Adds a provider that was drafted. */
export async function addProvider(
  context: Pick<ProvidersContext, 'registry' | 'sealing' | 'now' | 'newName'>,
  draft: ProviderDraft,
  author?: Author,
): Promise<Provider> {
  const start = { createdAt: context.now(), updatedAt: null };
  const added = await context.registry.add(
    'provider',
    context.newName(),
    id => complete(context.sealing, draft, { id, ...start }, ''),
    author,
  );
  if (added === undefined) throw new Error('A name that was said to be new is taken');
  return added;
}

/** The row under whose name a provider's password is sealed. */
export function providerSecretRow({ id }: Pick<Provider, 'id'>): string {
  return `provider:${id}`;
}

function build({ sealing, now }: ProvidersContext, draft: ProviderDraft, old: Provider): Provider {
  const { id, createdAt } = old;
  const sealedPassword = old.kind === 'smtp' ? old.sealedPassword : '';
  const frame = { id, createdAt, updatedAt: now(), ...(old.isPaused && { isPaused: old.isPaused }) };
  return complete(sealing, draft, frame, sealedPassword);
}

function complete(
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
    ({ isPaused: was, ...old }) => {
      if ((was ?? false) === isPaused) return { ...old, ...(was && { isPaused: was }) };
      return { ...old, updatedAt: now(), ...(isPaused && { isPaused }) };
    },
    asAuthor(principal, now),
  );
}

async function existing(registry: Registry, id: number): Promise<Provider> {
  return (await registry.get('provider', id)) ?? fail(id);
}

async function assertNotTheOnlyOne(registry: Registry, id: number): Promise<void> {
  const providers = await registry.list('provider');
  if (providers.length === 1 && providers[0]?.id === id) {
    throw new AppError('conflict', 'The only provider cannot be disabled: add another one first.', {
      field: 'isEnabled',
    });
  }
}

function fail(id: number): never {
  throw new AppError('not_found', `There is no provider ${id}.`);
}
