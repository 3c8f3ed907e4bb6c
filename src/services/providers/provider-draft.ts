import { AppError, type Problem } from '../../core/errors.ts';
import type { CaptureProvider, PickupProvider, Provider, SmtpProvider } from '../../core/provider.ts';
import type { ProviderSettings } from '../../operations/provider-operations.ts';
import { readChaos, readCommon, readPickup, readSmtp } from './provider-fields.ts';

type Draft<P extends Provider> = Omit<P, 'id' | 'createdAt' | 'updatedAt' | 'sealedPassword' | 'isPaused'>;

/** A provider as settings say it shall be: without what the gate adds. */
export type ProviderDraft =
  | { readonly provider: Draft<SmtpProvider>; readonly password: string | undefined }
  | { readonly provider: Draft<PickupProvider> | Draft<CaptureProvider> };

/** What the configuration allows. */
export interface ProviderRules {
  /** Hosts to which mail may go in clear text; see `allowClearText`. */
  readonly allowClearText: readonly string[];
  /** Development mode, which alone has an inbox. */
  readonly development: boolean;
}

const COMMON = [
  'kind',
  'caption',
  'isEnabled',
  'priority',
  'weight',
  'maxPerSecond',
  'maxPerMinute',
  'maxPerHour',
  'maxPerDay',
  'senderDomains',
  'maxRecipientsPerMessage',
  'sendFrom',
  'sendFromName',
] as const;
const SMTP = ['host', 'port', 'encryption', 'username', 'password', 'maxConnections', 'caPem'] as const;

/** The settings that each kind has. */
const FIELDS: Readonly<Record<Provider['kind'], readonly (keyof ProviderSettings)[]>> = {
  smtp: [...COMMON, ...SMTP],
  pickup: [...COMMON, 'directory'],
  capture: [...COMMON, 'chaos'],
};

/** What settings make of a provider, or of none yet; throws one AppError `invalid` that names every problem. */
export function draftProvider(
  settings: ProviderSettings,
  old: Provider | undefined,
  rules: ProviderRules,
): ProviderDraft {
  const problems: Problem[] = [];
  const kind = settings.kind ?? old?.kind ?? 'smtp';
  problems.push(...kindProblems(kind, settings, old, rules));
  const draft = read(kind, settings, old, rules, problems);
  const [first] = problems;
  if (first === undefined) return draft;
  const more = problems.length === 1 ? '' : `, and ${problems.length - 1} more`;
  throw new AppError('invalid', `${first.field}: ${first.message}${more}`, { problems });
}

function read(
  kind: Provider['kind'],
  settings: ProviderSettings,
  old: Provider | undefined,
  rules: ProviderRules,
  problems: Problem[],
): ProviderDraft {
  const common = readCommon(settings, old, problems);
  switch (kind) {
    case 'smtp': {
      const before = old?.kind === 'smtp' ? old : undefined;
      const { password, ...smtp } = readSmtp(settings, before, rules.allowClearText, problems);
      return { provider: { kind, ...common, ...smtp }, password };
    }
    case 'pickup':
      return { provider: { kind, ...common, ...readPickup(settings, old, problems) } };
    case 'capture':
      return { provider: { kind, ...common, ...readChaos(settings, old, problems) } };
  }
}

function kindProblems(
  kind: Provider['kind'],
  settings: ProviderSettings,
  old: Provider | undefined,
  rules: ProviderRules,
): Problem[] {
  if (old !== undefined && kind !== old.kind) {
    return [{ field: 'kind', message: `cannot be changed from ${old.kind}: add another provider instead` }];
  }
  if (kind === 'capture' && old === undefined && !rules.development) {
    return [
      { field: 'kind', message: 'capture keeps mail from going out, and is for development mode only' },
    ];
  }
  const known: readonly string[] = FIELDS[kind];
  return Object.entries(settings)
    .filter(([field, value]) => value !== undefined && !known.includes(field))
    .map(([field]) => ({ field, message: `is not a setting of a provider of kind ${kind}` }));
}
