import { useQuery } from '@tanstack/react-query';
import { call } from './api.ts';
import type { Account, Provider } from './shapes.ts';

/** The providers, as the operator set them up. */
export function useProviders() {
  return useQuery({
    queryKey: ['providers'],
    queryFn: async () => (await call<{ providers: Provider[] }>('GET', '/v1/providers')).providers,
    staleTime: 10_000,
  });
}

/** The accounts that may send. */
export function useAccounts() {
  return useQuery({
    queryKey: ['accounts'],
    queryFn: async () => (await call<{ accounts: Account[] }>('GET', '/v1/accounts')).accounts,
    staleTime: 10_000,
  });
}

/** Tells the name of a provider, as far as it is known. */
export function useProviderName(): (id: number | null | undefined) => string {
  const { data } = useProviders();
  return id => {
    if (id === null || id === undefined) return 'none';
    const provider = data?.find(candidate => candidate.id === id);
    return provider === undefined ? `Provider ${id}` : providerName(provider);
  };
}

/** What a provider is called: its caption, else where it leads. */
export function providerName(
  provider: Pick<Provider, 'id' | 'caption'> & { readonly host?: string },
): string {
  return provider.caption ?? provider.host ?? `Provider ${provider.id}`;
}
