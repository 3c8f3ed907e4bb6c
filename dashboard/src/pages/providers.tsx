import { useState } from 'react';
import { useProviders } from '../data/lists.ts';
import { useMay } from '../data/session.ts';
import { Empty, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { CheckDialog } from './check-dialog.tsx';
import { ProviderDialog } from './provider-dialog.tsx';
import { ProviderList, type ShownProvider } from './provider-list.tsx';

/** The providers with their health, and the actions on them. */
export function ProvidersPage() {
  const providers = useProviders();
  const [shown, show] = useState<ShownProvider>();
  const mayAdd = useMay('admin');
  const close = () => show(undefined);
  return (
    <Page
      title="Providers"
      actions={
        mayAdd && (
          <button type="button" className="primary" onClick={() => show({ what: 'edit' })}>
            Add provider
          </button>
        )
      }
    >
      <Fetched query={providers}>
        {list =>
          list.length === 0 ? (
            <Empty title="No providers yet">
              <p>Messages stay in the queue until you add a provider.</p>
            </Empty>
          ) : (
            <ProviderList providers={list} onShow={show} />
          )
        }
      </Fetched>
      {shown?.what === 'edit' && <ProviderDialog provider={shown.provider} onClose={close} />}
      {shown?.what === 'check' && <CheckDialog provider={shown.provider} onClose={close} />}
    </Page>
  );
}
