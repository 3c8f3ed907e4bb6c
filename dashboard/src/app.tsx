import { type ReactNode, useEffect } from 'react';
import { SessionContext, useSessionState } from './data/session.ts';
import { loadAllPages, pageName, usePage } from './page-modules.ts';
import { SignInPage } from './pages/sign-in.tsx';
import { Navigation } from './parts/navigation.tsx';
import { Failure, Loading } from './parts/notice.tsx';
import { Page } from './parts/page.tsx';
import { to, useLocation } from './route.ts';

/** The dashboard: the sign-in form, or the pages for a signed-in user. */
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
        Skip to content
      </button>
      <div className="frame">
        <Navigation />
        <Pages />
      </div>
    </SessionContext>
  );
}

function skipToMain(): void {
  document.querySelector<HTMLElement>('#main h1')?.focus();
}

function Pages(): ReactNode {
  const { path } = useLocation();
  useEffect(() => void requestIdleCallback(loadAllPages), []);
  const name = pageName(path);
  const Shown = usePage(name);
  if (name !== undefined) {
    return Shown === undefined ? <Loading /> : <Shown key={path.join('/')} id={path[1] ?? ''} />;
  }
  return (
    <Page title="Page not found">
      <p>
        <a href={to('overview')}>Go to the overview</a>
      </p>
    </Page>
  );
}
