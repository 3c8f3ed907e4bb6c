import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ApiError } from './data/api.ts';
import { SESSION, sessionQuery } from './data/session.ts';
import { loadPage, pageName } from './page-modules.ts';
import { currentPath } from './route.ts';
import { applyTheme, storedTheme } from './theme.ts';
import './style/base.css';
import './style/controls.css';
import './style/layout.css';
import './style/content.css';
import './style/inbox.css';
import './style/steps.css';
import './style/tables.css';

applyTheme(storedTheme());

const client: QueryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 2_000, retry: (failures, error) => failures < 2 && !(error instanceof ApiError) },
  },
  queryCache: new QueryCache({
    // The session ended while a page was open. Fetching it again shows the sign-in form.
    onError(error) {
      if (error instanceof ApiError && error.code === 'unauthenticated') {
        void client.invalidateQueries({ queryKey: SESSION });
      }
    },
  }),
});

// Requests for the session and for the code of the page start before the first render.
void client.prefetchQuery(sessionQuery);
void loadPage(pageName(currentPath()) ?? 'overview');

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
