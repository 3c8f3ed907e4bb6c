import { type ComponentType, useEffect, useReducer } from 'react';
import { Unreachable } from './parts/unreachable.tsx';

/** A page. `id` is the record that it shows, or ''. */
export type PageComponent = ComponentType<{ readonly id: string }>;

// The browser loads the code of a page when the page is first opened.
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

const loading = new Map<string, Promise<PageComponent>>();
const loaded = new Map<string, PageComponent>();

/** The name of the page at a path; undefined when the path has no page. */
export function pageName([page = 'overview', id]: readonly string[]): string | undefined {
  const name = page === 'messages' && id !== undefined ? 'message' : page;
  return Object.hasOwn(LOADERS, name) ? name : undefined;
}

/** The page with this name; undefined until its code is loaded. */
export function usePage(name: string | undefined): PageComponent | undefined {
  const [, render] = useReducer((times: number) => times + 1, 0);
  const page = name === undefined ? undefined : loaded.get(name);
  // Suspense is not used: after React shows a fallback, it waits 300 ms before it shows the content.
  useEffect(() => {
    if (page === undefined && name !== undefined) void loadPage(name).then(render);
  }, [page, name]);
  return page;
}

/** Loads the code of a page. */
export function loadPage(name: string): Promise<PageComponent> {
  const known = loading.get(name);
  if (known !== undefined) return known;
  const page = fetchPage(name);
  loading.set(name, page);
  return page;
}

/** Loads the code of all pages in advance, so that each one opens immediately. */
export function loadAllPages(): void {
  for (const name of Object.keys(LOADERS)) void loadPage(name);
}

async function fetchPage(name: string): Promise<PageComponent> {
  // After an upgrade the gate no longer has the code of the previous version.
  const page = await LOADERS[name]?.().catch(() => undefined);
  loaded.set(name, page ?? Unreachable);
  return page ?? Unreachable;
}
