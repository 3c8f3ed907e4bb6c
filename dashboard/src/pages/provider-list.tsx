import { useQuery } from '@tanstack/react-query';
import { type DragEvent, type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { call } from '../data/api.ts';
import { providerName } from '../data/lists.ts';
import { useMay } from '../data/session.ts';
import type { Overview, Provider, ProviderHealth } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Failure } from '../parts/notice.tsx';
import { Table } from '../parts/table.tsx';
import { HealthWord } from './health-word.tsx';
import { LimitMeters } from './limit-meters.tsx';
import { useProviderOrder } from './provider-order.ts';

const REFRESH_MS = 5_000;

export type ShownProvider =
  | { readonly what: 'edit'; readonly provider?: Provider }
  | { readonly what: 'check'; readonly provider: Provider };

interface ListProps {
  readonly providers: readonly Provider[];
  readonly onShow: (shown: ShownProvider) => void;
}

/** The providers in the order in which they are tried. */
export function ProviderList({ providers, onShow }: ListProps) {
  const mayOrder = useMay('admin') && providers.length > 1;
  const { ordered, move, isBusy, error, said } = useProviderOrder(providers);
  const drag = useDragged(move);
  const health = useQuery({
    queryKey: ['overview'],
    queryFn: () => call<Overview>('GET', '/v1/overview'),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      {error !== null && <Failure error={error} />}
      <Table label="Providers" columns={['Order', 'Health', 'Provider', 'Limits in use', 'Actions']}>
        {ordered.map((provider, place) => (
          <tr key={provider.id} {...(mayOrder && drag.row(provider.id, place))}>
            <td className="figures">
              {mayOrder ? (
                <Handle provider={provider} place={place} isBusy={isBusy} onMove={move} />
              ) : (
                place + 1
              )}
            </td>
            <ProviderCells
              provider={provider}
              health={health.data?.providers.find(({ id }) => id === provider.id)}
              onShow={onShow}
            />
          </tr>
        ))}
      </Table>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      {mayOrder && (
        <p className="hint">
          Mail goes by the first one that is up and within its limits. To change the order drag a row by its
          handle, or move the handle with the arrow keys. Those of the same priority share the mail by weight.
        </p>
      )}
    </>
  );
}

/** Rows that can be dragged by their handle, and one that shows where it would be dropped. */
function useDragged(move: (id: number, place: number) => void) {
  const [dragged, drag] = useState<number>();
  const [over, hover] = useState<number>();
  const end = () => {
    drag(undefined);
    hover(undefined);
  };
  return {
    row: (id: number, place: number) => ({
      draggable: true,
      className: dragged === id ? 'dragged' : over === place && dragged !== undefined ? 'drop-here' : '',
      onDragStart: (event: DragEvent) => {
        event.dataTransfer.effectAllowed = 'move';
        drag(id);
      },
      onDragOver: (event: DragEvent) => {
        event.preventDefault();
        hover(place);
      },
      onDragEnd: end,
      onDrop: (event: DragEvent) => {
        event.preventDefault();
        if (dragged !== undefined) move(dragged, place);
        end();
      },
    }),
  };
}

interface HandleProps {
  readonly provider: Provider;
  readonly place: number;
  readonly isBusy: boolean;
  readonly onMove: (id: number, place: number) => void;
}

/** Shows a provider's place, and moves it by the arrow keys; the keyboard stays on it where it goes. */
function Handle({ provider, place, isBusy, onMove }: HandleProps) {
  const ref = useRef<HTMLButtonElement>(null);
  const wasMoved = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a row that changes its place loses the focus
  useLayoutEffect(() => {
    if (wasMoved.current) ref.current?.focus();
    wasMoved.current = false;
  }, [place]);
  const press = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    if (isBusy) return;
    wasMoved.current = true;
    onMove(provider.id, place + step);
  };
  return (
    <button
      ref={ref}
      type="button"
      className="handle"
      aria-label={`Number ${place + 1}: ${providerName(provider)}. Move with the arrow keys`}
      title="Drag, or move with the arrow keys"
      aria-disabled={isBusy}
      onKeyDown={press}
    >
      <span aria-hidden="true">⠿</span> {place + 1}
    </button>
  );
}

interface CellsProps {
  readonly provider: Provider;
  readonly health: ProviderHealth | undefined;
  readonly onShow: ListProps['onShow'];
}

function ProviderCells({ provider, health, onShow }: CellsProps) {
  return (
    <>
      <td data-column="Health">{health !== undefined && <HealthWord provider={health} />}</td>
      <td data-column="Provider" className="wide">
        <strong>{providerName(provider)}</strong>
        <br />
        <span className="quiet-text">
          {whereTo(provider)}
          {provider.senderDomains.length > 0 && ` · for ${provider.senderDomains.join(', ')}`}
        </span>
      </td>
      <td data-column="Limits in use">{health !== undefined && <LimitMeters limits={health.limits} />}</td>
      <td data-column="Actions">
        <ProviderActions provider={provider} onShow={onShow} />
      </td>
    </>
  );
}

function ProviderActions({ provider, onShow }: Omit<CellsProps, 'health'>) {
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
        Test…
      </button>
      {mayEdit && (
        <button
          type="button"
          className="small"
          aria-label={`Edit ${name}`}
          onClick={() => onShow({ what: 'edit', provider })}
        >
          Edit…
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
