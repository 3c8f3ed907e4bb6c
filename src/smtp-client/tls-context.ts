import { createSecureContext, type SecureContext } from 'node:tls';

/** Requires TLS 1.2 or later, and only the given authority if there is one. Creating it takes some ms: create it once. */
export function createTlsContext({ caPem }: { readonly caPem?: string }): SecureContext {
  return createSecureContext({ minVersion: 'TLSv1.2', ...(caPem !== undefined && { ca: caPem }) });
}
