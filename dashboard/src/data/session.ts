import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { call, setCsrfToken } from './api.ts';
import type { Role, Session, SessionState } from './shapes.ts';

/** The query of who is signed in. */
export const SESSION = ['session'] as const;

const RANK: Readonly<Record<Role, number>> = { viewer: 0, operator: 1, admin: 2 };

const LOOK_AGAIN_MS = 10_000;

/** Who is signed in, asked of the gate; in development mode that signs in. */
export const sessionQuery = queryOptions({
  queryKey: SESSION,
  queryFn: async () => keepToken(await call<SessionState>('GET', '/v1/session')),
  staleTime: Number.POSITIVE_INFINITY,
  // A session may be ended by somebody else, while a page asks for nothing.
  refetchInterval: LOOK_AGAIN_MS,
});

/** Who is signed in; undefined data until the gate said it. */
export function useSessionState() {
  return useQuery(sessionQuery);
}

/** Keeps the token of a session for the changes to come. */
export function keepToken(state: SessionState): SessionState {
  setCsrfToken(state.session?.csrf ?? '');
  return state;
}

/** Who is signed in, for all pages behind the sign-in. */
export const SessionContext = createContext<(Session & { readonly development: boolean }) | undefined>(
  undefined,
);

/** Who is signed in; only for pages behind the sign-in. */
export function useSession(): Session & { readonly development: boolean } {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('This page is behind the sign-in');
  return session;
}

/** Whether the viewer may do what needs at least this role. */
export function useMay(role: Role): boolean {
  return RANK[useSession().role] >= RANK[role];
}
