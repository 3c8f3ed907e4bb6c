import { useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { call } from './data/api.ts';
import { SESSION, SessionContext, useSession, useSessionState } from './data/session.ts';
import { AccountsPage } from './pages/accounts.tsx';
import { AddressesPage } from './pages/addresses.tsx';
import { AuditPage } from './pages/audit.tsx';
import { BouncesPage } from './pages/bounces.tsx';
import { InboxPage } from './pages/inbox.tsx';
import { MessagePage } from './pages/message.tsx';
import { MessagesPage } from './pages/messages.tsx';
import { ProvidersPage } from './pages/providers.tsx';
import { QueuePage } from './pages/queue.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { UsersPage } from './pages/users.tsx';
import { Failure, Loading } from './parts/notice.tsx';
import { Page } from './parts/page.tsx';
import { to, useLocation } from './route.ts';
import { applyTheme, storedTheme, type Theme } from './theme.ts';

// The charts are only fetched by who looks at them.
const OverviewPage = lazy(() =>
  import('./pages/overview.tsx').then(page => ({ default: page.OverviewPage })),
);

/** The dashboard: the sign-in, or the pages behind it. */
export function App() {
  const { data, error, refetch } = useSessionState();
  if (error !== null && data === undefined) {
    return (
      <main className="sign-in">
        <h1>Postern</h1>
        <Failure error={error} onRetry={() => void refetch()} />
      </main>
    );
  }
  if (data === undefined) return <Loading />;
  if (data.session === null) return <SignInPage />;
  return (
    <SessionContext value={{ ...data.session, development: data.development }}>
      <button type="button" className="skip" onClick={skipToMain}>
        Skip to the page
      </button>
      <div className="frame">
        <Navigation />
        <Suspense fallback={<Loading />}>
          <Pages />
        </Suspense>
      </div>
    </SessionContext>
  );
}

function skipToMain(): void {
  document.querySelector<HTMLElement>('#main h1')?.focus();
}

function Pages(): ReactNode {
  const { path } = useLocation();
  const [page = 'overview', id] = path;
  switch (page) {
    case 'overview':
      return <OverviewPage />;
    case 'messages':
      return id === undefined ? <MessagesPage /> : <MessagePage key={id} id={id} />;
    case 'queue':
      return <QueuePage />;
    case 'bounces':
      return <BouncesPage />;
    case 'inbox':
      return <InboxPage />;
    case 'providers':
      return <ProvidersPage />;
    case 'accounts':
      return <AccountsPage />;
    case 'addresses':
      return <AddressesPage />;
    case 'users':
      return <UsersPage />;
    case 'audit':
      return <AuditPage />;
    default:
      return (
        <Page title="No such page">
          <p>
            <a href={to('overview')}>To the overview</a>
          </p>
        </Page>
      );
  }
}

interface Entry {
  readonly path: string;
  readonly title: string;
  readonly isShown: boolean;
}

function Navigation() {
  const session = useSession();
  const [current = 'overview'] = useLocation().path;
  const entries: readonly Entry[] = [
    { path: 'overview', title: 'Overview', isShown: true },
    { path: 'inbox', title: 'Inbox', isShown: session.development },
    { path: 'messages', title: 'Messages', isShown: true },
    { path: 'queue', title: 'Queue', isShown: true },
    { path: 'bounces', title: 'Bounces', isShown: true },
    { path: 'providers', title: 'Providers', isShown: true },
    { path: 'accounts', title: 'Accounts', isShown: true },
    { path: 'addresses', title: 'Addresses', isShown: true },
    { path: 'users', title: 'Users', isShown: session.role === 'admin' },
    { path: 'audit', title: 'Audit log', isShown: true },
  ];
  return (
    <header className="side">
      <a className="brand" href={to('overview')}>
        <img src="./icon.svg" alt="" width="22" height="22" /> Postern
      </a>
      <nav aria-label="Pages">
        <ul>
          {entries
            .filter(({ isShown }) => isShown)
            .map(({ path, title }) => (
              <li key={path}>
                <a href={to(path)} aria-current={current === path ? 'page' : undefined}>
                  {title}
                </a>
              </li>
            ))}
        </ul>
      </nav>
      <div className="side-foot">
        <ThemeSwitch />
        <p className="who">
          {session.kind === 'development' ? 'Development mode' : session.name} · {session.role}
        </p>
        {session.kind !== 'development' && <SignOut />}
      </div>
    </header>
  );
}

function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  return (
    <select
      aria-label="Colours"
      value={theme}
      onChange={({ target: { value } }) => {
        const chosen: Theme = value === 'light' || value === 'dark' ? value : 'system';
        applyTheme(chosen);
        setTheme(chosen);
      }}
    >
      <option value="system">As the system</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}

function SignOut() {
  const client = useQueryClient();
  const signOut = async () => {
    await call('DELETE', '/v1/session');
    client.clear();
    await client.invalidateQueries({ queryKey: SESSION });
    location.reload();
  };
  return (
    <button type="button" className="quiet" onClick={signOut}>
      Sign out
    </button>
  );
}
