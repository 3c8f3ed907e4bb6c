import { Page } from './page.tsx';

/** Shown in place of a page whose code could not be fetched. */
export function Unreachable() {
  return (
    <Page title="This page could not be loaded">
      <p>The gate does not answer, or it was replaced by a newer one.</p>
      <p>
        <button type="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </p>
    </Page>
  );
}
