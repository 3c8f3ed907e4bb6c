import { type ComponentType, useEffect, useReducer } from 'react';
import { Unreachable } from './parts/unreachable.tsx';

/** A page; those of one record are told which. */
export type PageComponent = ComponentType<{ readonly id: string }>;

// The code of each page comes when it is first looked at.
const LOADERS: Readonly<Record<string, () => Promise<PageComponent>>> = {
  overview: async () => (await import('./pages/overview.tsx')).OverviewPage,
  messages: async () => (await import('./pages/messages.tsx')).MessagesPage,
  message: async () => (await import('./pages/message.tsx')).MessagePage,
  queue: async () => (await import('./pages/queue.tsx')).QueuePage,
  bounces: async () => (await import('./pages/bounces.tsx')).BouncesPage,
  inbox: async () => (await import('./pages/inbox.tsx')).InboxPage,
  providers: async () => (await import('./pages/providers.tsx')).ProvidersPage,
  accounts: async () => (await import('./pages/accounts.tsx')).AccountsPage,
  addresses: async () => (await import('./pages/addresses.tsx')).AddressesPage,
  users: async () => (await import('./pages/users.tsx')).UsersPage,
  audit: async () => (await import('./pages/audit.tsx')).AuditPage,
};

const coming = new Map<string, Promise<PageComponent>>();
const there = new Map<string, PageComponent>();

/** The name of the page behind a path; undefined where there is none. */
export function pageName([page = 'overview', id]: readonly string[]): string | undefined {
  const name = page === 'messages' && id !== undefined ? 'message' : page;
  return Object.hasOwn(LOADERS, name) ? name : undefined;
}

/** The page of a name once its code is there; until then undefined. */
export function usePage(name: string | undefined): PageComponent | undefined {
  const [, draw] = useReducer((times: number) => times + 1, 0);
  const page = name === undefined ? undefined : there.get(name);
  // Not by Suspense: what came a moment after its fallback was drawn, React holds back for 300 ms.
  useEffect(() => {
    if (page === undefined && name !== undefined) void loadPage(name).then(draw);
  }, [page, name]);
  return page;
}

/** Fetches the code of a page. */
export function loadPage(name: string): Promise<PageComponent> {
  const known = coming.get(name);
  if (known !== undefined) return known;
  const page = fetchPage(name);
  coming.set(name, page);
  return page;
}

/** Fetches the code of all pages, so that going to one takes no time. */
export function loadAllPages(): void {
  for (const name of Object.keys(LOADERS)) void loadPage(name);
}

async function fetchPage(name: string): Promise<PageComponent> {
  // A gate that was replaced by a newer one no longer has the code of this page.
  const page = await LOADERS[name]?.().catch(() => undefined);
  there.set(name, page ?? Unreachable);
  return page ?? Unreachable;
}
