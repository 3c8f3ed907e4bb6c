import type { PublicProvider } from '../../core/provider.ts';

/** A provider as this API shows it. Every field is always there, those of Postern's own after the documented ones. */
export type ProviderObject = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** The provider without its password, which nobody is shown. */
export function sayProvider(provider: PublicProvider): ProviderObject {
  const { limits } = provider;
  const server = provider.kind === 'smtp' ? provider : NO_SERVER;
  return {
    id: provider.id,
    caption: provider.caption,
    driver: 'smtp',
    host: server.host,
    port: server.port,
    username: server.username,
    sendFrom: provider.sendFrom,
    sendFromName: provider.sendFromName,
    encryption: server.encryption,
    isEnabled: provider.isEnabled,
    createTime: sayTime(provider.createdAt),
    updateTime: provider.updatedAt === null ? null : sayTime(provider.updatedAt),
    priority: provider.priority,
    weight: provider.weight,
    senderDomains: provider.senderDomains,
    maxPerSecond: limits.maxPerSecond ?? null,
    maxPerMinute: limits.maxPerMinute ?? null,
    maxPerHour: limits.maxPerHour ?? null,
    maxPerDay: limits.maxPerDay ?? null,
    maxConnections: server.maxConnections,
    maxRecipientsPerMessage: provider.maxRecipientsPerMessage,
    caPem: server.caPem ?? null,
    kind: provider.kind,
    directory: provider.kind === 'pickup' ? provider.directory : null,
  };
}

/** What the documented fields are where there is no server: of their type, so that no client stumbles. */
const NO_SERVER = {
  host: '',
  port: 0,
  username: '',
  encryption: 'none',
  maxConnections: null,
  caPem: null,
} as const;

/** `2026-01-01T00:00:00+00:00` */
function sayTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}
