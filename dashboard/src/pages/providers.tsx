import { useQuery } from '@tanstack/react-query';
import { type DragEvent, useState } from 'react';
import { call } from '../data/api.ts';
import { providerName, useProviders } from '../data/lists.ts';
import { useMay } from '../data/session.ts';
import type { Overview, Provider } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Empty, Failure, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { CheckDialog } from './check-dialog.tsx';
import { HealthWord } from './health-word.tsx';
import { LimitMeters } from './limit-meters.tsx';
import { ProviderDialog } from './provider-dialog.tsx';

const REFRESH_MS = 5_000;

type Shown =
  | { readonly what: 'edit'; readonly provider?: Provider }
  | { readonly what: 'check'; readonly provider: Provider };

/** The ways out: how each does, and a say in it. */
export function ProvidersPage() {
  const providers = useProviders();
  const [shown, show] = useState<Shown>();
  const mayAdd = useMay('admin');
  const close = () => show(undefined);
  return (
    <Page
      title="Providers"
      actions={
        mayAdd && (
          <button type="button" className="primary" onClick={() => show({ what: 'edit' })}>
            Add a provider
          </button>
        )
      }
    >
      <Fetched query={providers}>
        {list =>
          list.length === 0 ? (
            <Empty title="No provider yet">
              <p>Mail that comes in waits until there is one that takes it.</p>
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

interface ListProps {
  readonly providers: readonly Provider[];
  readonly onShow: (shown: Shown) => void;
}

function ProviderList({ providers, onShow }: ListProps) {
  const mayOrder = useMay('admin');
  const change = useCall();
  const [dragged, drag] = useState<number>();
  const health = useQuery({
    queryKey: ['overview'],
    queryFn: () => call<Overview>('GET', '/v1/overview'),
    refetchInterval: REFRESH_MS,
  });
  const ordered = providers.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight || a.id - b.id);

  /** Puts a provider in the place of another, and numbers all by their new order. */
  const move = async (id: number, place: number) => {
    const moved = ordered.find(provider => provider.id === id);
    if (moved === undefined || place < 0 || place >= ordered.length) return;
    const order = ordered.filter(provider => provider !== moved).toSpliced(place, 0, moved);
    for (const [index, provider] of order.entries()) {
      const priority = (index + 1) * 10;
      if (provider.priority === priority) continue;
      await change.mutateAsync({ method: 'PATCH', path: `/v1/providers/${provider.id}`, body: { priority } });
    }
  };

  return (
    <>
      {change.error !== null && <Failure error={change.error} />}
      <Table
        label="Providers"
        columns={['Order', 'Health', 'Provider', 'Where to', 'Limits in use', 'Actions']}
      >
        {ordered.map((provider, place) => {
          const state = health.data?.providers.find(({ id }) => id === provider.id);
          return (
            <tr
              key={provider.id}
              draggable={mayOrder}
              onDragStart={() => drag(provider.id)}
              onDragOver={(event: DragEvent) => event.preventDefault()}
              onDrop={() => dragged !== undefined && void move(dragged, place)}
            >
              <td className="figures">
                {provider.priority}
                {mayOrder && ordered.length > 1 && (
                  <span className="actions">
                    <MoveButton
                      provider={provider}
                      word="up"
                      onMove={() => void move(provider.id, place - 1)}
                      isOff={place === 0}
                    />
                    <MoveButton
                      provider={provider}
                      word="down"
                      onMove={() => void move(provider.id, place + 1)}
                      isOff={place === ordered.length - 1}
                    />
                  </span>
                )}
              </td>
              <td>{state !== undefined && <HealthWord provider={state} />}</td>
              <td>
                <strong>{providerName(provider)}</strong>
              </td>
              <td className="quiet-text">{whereTo(provider)}</td>
              <td>{state !== undefined && <LimitMeters limits={state.limits} />}</td>
              <td>
                <ProviderActions provider={provider} onShow={onShow} />
              </td>
            </tr>
          );
        })}
      </Table>
      <p className="hint">Lower numbers go first. Drag a row, or use its arrows, to change the order.</p>
    </>
  );
}

interface MoveProps {
  readonly provider: Provider;
  readonly word: 'up' | 'down';
  readonly isOff: boolean;
  readonly onMove: () => void;
}

function MoveButton({ provider, word, isOff, onMove }: MoveProps) {
  return (
    <button
      type="button"
      className="quiet small"
      disabled={isOff}
      aria-label={`Move ${providerName(provider)} ${word}`}
      onClick={onMove}
    >
      {word === 'up' ? '↑' : '↓'}
    </button>
  );
}

function ProviderActions({ provider, onShow }: { readonly provider: Provider } & Pick<ListProps, 'onShow'>) {
  const [mayAct, mayEdit] = [useMay('operator'), useMay('admin')];
  const act = useCall();
  const name = providerName(provider);
  const post = (verb: string) => act.mutate({ method: 'POST', path: `/v1/providers/${provider.id}/${verb}` });
  const verbs = [provider.isPaused ? 'resume' : 'pause', provider.isEnabled ? 'disable' : 'enable'];
  if (!mayAct) return null;
  return (
    <div className="actions">
      {verbs.map(verb => (
        <button
          type="button"
          key={verb}
          className="small"
          aria-label={`${verb} ${name}`}
          disabled={act.isPending}
          onClick={() => post(verb)}
        >
          {verb.charAt(0).toUpperCase() + verb.slice(1)}
        </button>
      ))}
      <button
        type="button"
        className="small"
        aria-label={`Test ${name}`}
        onClick={() => onShow({ what: 'check', provider })}
      >
        Test
      </button>
      {mayEdit && (
        <button
          type="button"
          className="small"
          aria-label={`Edit ${name}`}
          onClick={() => onShow({ what: 'edit', provider })}
        >
          Edit
        </button>
      )}
      {act.error !== null && <Failure error={act.error} />}
    </div>
  );
}

function whereTo(provider: Provider): string {
  switch (provider.kind) {
    case 'smtp':
      return `${provider.host}:${provider.port}`;
    case 'pickup':
      return provider.directory ?? '';
    case 'capture':
      return 'kept in the inbox';
  }
}
