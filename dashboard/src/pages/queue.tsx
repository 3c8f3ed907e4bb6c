import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../data/api.ts';
import { providerName, useProviders } from '../data/lists.ts';
import { useMay } from '../data/session.ts';
import type { Overview } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Empty, Failure, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { StateLabel } from '../parts/state-label.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { to } from '../route.ts';
import { BulkDialog, type BulkVerb } from './bulk-dialog.tsx';

const REFRESH_MS = 3_000;

/** The queue by provider: pause and resume it, and retry or cancel messages by filter. */
export function QueuePage() {
  const mayAct = useMay('operator');
  const [verb, choose] = useState<BulkVerb>();
  const act = useCall();
  const overview = useQuery({
    queryKey: ['overview'],
    queryFn: () => call<Overview>('GET', '/v1/overview'),
    refetchInterval: REFRESH_MS,
  });
  const all = (name: 'pause' | 'resume') => act.mutate({ method: 'POST', path: `/v1/providers/${name}` });
  return (
    <Page
      title="Queue"
      actions={
        mayAct && (
          <>
            <button type="button" disabled={act.isPending} onClick={() => all('pause')}>
              Pause all
            </button>
            <button type="button" disabled={act.isPending} onClick={() => all('resume')}>
              Resume all
            </button>
            <button type="button" onClick={() => choose('retry')}>
              Bulk retry…
            </button>
            <button type="button" className="danger" onClick={() => choose('cancel')}>
              Bulk cancel…
            </button>
          </>
        )
      }
    >
      {act.error !== null && <Failure error={act.error} />}
      <Fetched query={overview}>{data => <Lanes overview={data} />}</Fetched>
      {verb !== undefined && <BulkDialog verb={verb} onClose={() => choose(undefined)} />}
    </Page>
  );
}

function Lanes({ overview }: { readonly overview: Overview }) {
  const mayAct = useMay('operator');
  const { data: providers = [] } = useProviders();
  const act = useCall();
  const lanes = [null, ...providers.map(({ id }) => id)].map(id => ({
    provider: providers.find(provider => provider.id === id),
    lane: overview.queue.find(({ provider }) => provider === id),
  }));
  const shown = lanes.filter(({ provider, lane }) => provider !== undefined || (lane?.waiting ?? 0) > 0);
  if (shown.length === 0) return <Empty title="Queue is empty" />;
  return (
    <>
      {act.error !== null && <Failure error={act.error} />}
      <Table
        label="Queue by provider"
        columns={['State', 'Provider', 'Queued', 'Oldest due since', 'Actions']}
      >
        {shown.map(({ provider, lane }) => {
          const verb = provider?.isPaused === true ? 'resume' : 'pause';
          const name = provider === undefined ? 'No matching provider' : providerName(provider);
          return (
            <tr key={provider?.id ?? 'none'}>
              <td>
                <StateLabel state={stateOf(provider)} />
              </td>
              <td>{name}</td>
              <td className="figures">{(lane?.waiting ?? 0).toLocaleString()}</td>
              <td>{lane?.oldestDueAt === undefined ? '–' : <Time at={lane.oldestDueAt} />}</td>
              <td>
                <div className="actions">
                  {provider !== undefined && mayAct && (
                    <button
                      type="button"
                      className="small"
                      aria-label={`${verb === 'pause' ? 'Pause' : 'Resume'} ${name}`}
                      disabled={act.isPending}
                      onClick={() =>
                        act.mutate({ method: 'POST', path: `/v1/providers/${provider.id}/${verb}` })
                      }
                    >
                      {verb === 'pause' ? 'Pause' : 'Resume'}
                    </button>
                  )}
                  <a
                    href={to('messages', { state: 'queued', provider: provider?.id })}
                    aria-label={`Queued messages: ${name}`}
                  >
                    Messages
                  </a>
                </div>
              </td>
            </tr>
          );
        })}
      </Table>
    </>
  );
}

function stateOf(provider: { readonly isPaused: boolean; readonly isEnabled: boolean } | undefined): string {
  if (provider === undefined) return 'waiting';
  if (!provider.isEnabled) return 'disabled';
  return provider.isPaused ? 'paused' : 'active';
}
