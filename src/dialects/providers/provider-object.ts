import type { PublicProvider } from '../../core/provider.ts';

/** A provider in this API. All fields are always present. The fields of Postern follow those of the original API. */
export type ProviderObject = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Converts a provider. The password is never shown. */
export function toProviderObject(provider: PublicProvider): ProviderObject {
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
    createTime: formatTime(provider.createdAt),
    updateTime: provider.updatedAt === null ? null : formatTime(provider.updatedAt),
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

/** The documented fields of a provider without a server. They have the documented types, which clients rely on. */
const NO_SERVER = {
  host: '',
  port: 0,
  username: '',
  encryption: 'none',
  maxConnections: null,
  caPem: null,
} as const;

/** `2026-01-01T00:00:00+00:00` */
function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}
