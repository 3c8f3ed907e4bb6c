import { Page } from './page.tsx';

/** Shown instead of a page whose code could not be loaded. */
export function Unreachable() {
  return (
    <Page title="This page could not be loaded">
      <p>The gate does not respond, or it was upgraded to a new version.</p>
      <p>
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </p>
    </Page>
  );
}
