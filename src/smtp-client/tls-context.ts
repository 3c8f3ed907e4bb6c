import { createSecureContext, type SecureContext } from 'node:tls';

/** What TLS to a server must be like: at least TLS 1.2, and with a pin only that authority. Costs a few ms: make it once. */
export function createTlsContext({ caPem }: { readonly caPem?: string }): SecureContext {
  return createSecureContext({ minVersion: 'TLSv1.2', ...(caPem !== undefined && { ca: caPem }) });
}
