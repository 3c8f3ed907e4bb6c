import { useQuery } from '@tanstack/react-query';
import { type DragEvent, type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { call } from '../data/api.ts';
import { providerName } from '../data/lists.ts';
import { useMay } from '../data/session.ts';
import type { Overview, Provider, ProviderHealth } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Failure } from '../parts/notice.tsx';
import { Table } from '../parts/table.tsx';
import { HealthLabel } from './health-label.tsx';
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
  const { ordered, move, isBusy, error, announcement } = useProviderOrder(providers);
  const dragging = useDragging(move);
  const health = useQuery({
    queryKey: ['overview'],
    queryFn: () => call<Overview>('GET', '/v1/overview'),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      {error !== null && <Failure error={error} />}
      <Table label="Providers" columns={['Order', 'Health', 'Provider', 'Limits used', 'Actions']}>
        {ordered.map((provider, place) => (
          <tr key={provider.id} {...(mayOrder && dragging.row(provider.id, place))}>
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
        {announcement}
      </p>
      {mayOrder && (
        <p className="hint">
          Each message goes to the first provider that works and is within its limits. To change the order,
          drag a row, or select its handle and press the arrow keys. Providers with the same priority share
          the mail by weight.
        </p>
      )}
    </>
  );
}

/** Props of rows that can be dragged; the row under the pointer shows where the dragged one would go. */
function useDragging(move: (id: number, place: number) => void) {
  const [dragged, setDragged] = useState<number>();
  const [over, setOver] = useState<number>();
  const end = () => {
    setDragged(undefined);
    setOver(undefined);
  };
  return {
    row: (id: number, place: number) => ({
      draggable: true,
      className: dragged === id ? 'dragged' : over === place && dragged !== undefined ? 'drop-here' : '',
      onDragStart: (event: DragEvent) => {
        event.dataTransfer.effectAllowed = 'move';
        setDragged(id);
      },
      onDragOver: (event: DragEvent) => {
        event.preventDefault();
        setOver(place);
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

/** Shows the position of a provider. The arrow keys move the provider, and the focus moves with it. */
function Handle({ provider, place, isBusy, onMove }: HandleProps) {
  const ref = useRef<HTMLButtonElement>(null);
  const keepsFocus = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: React moves the row, and its button loses the focus
  useLayoutEffect(() => {
    if (keepsFocus.current) ref.current?.focus();
    keepsFocus.current = false;
  }, [place]);
  const press = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    if (isBusy) return;
    keepsFocus.current = true;
    onMove(provider.id, place + step);
  };
  return (
    <button
      ref={ref}
      type="button"
      className="handle"
      aria-label={`Position ${place + 1}: ${providerName(provider)}. Move with the arrow keys`}
      title="Drag the row, or press the arrow keys"
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
      <td data-column="Health">{health !== undefined && <HealthLabel provider={health} />}</td>
      <td data-column="Provider" className="wide">
        <strong>{providerName(provider)}</strong>
        <br />
        <span className="quiet-text">
          {targetOf(provider)}
          {provider.senderDomains.length > 0 && ` · senders: ${provider.senderDomains.join(', ')}`}
        </span>
      </td>
      <td data-column="Limits used">{health !== undefined && <LimitMeters limits={health.limits} />}</td>
      <td data-column="Actions">
        <ProviderActions provider={provider} onShow={onShow} />
      </td>
    </>
  );
}

const VERBS = { resume: 'Resume', pause: 'Pause', disable: 'Disable', enable: 'Enable' } as const;

function ProviderActions({ provider, onShow }: Omit<CellsProps, 'health'>) {
  const [mayAct, mayEdit] = [useMay('operator'), useMay('admin')];
  const act = useCall();
  const name = providerName(provider);
  const post = (verb: string) => act.mutate({ method: 'POST', path: `/v1/providers/${provider.id}/${verb}` });
  const verbs = [provider.isPaused ? 'resume' : 'pause', provider.isEnabled ? 'disable' : 'enable'] as const;
  if (!mayAct) return null;
  return (
    <div className="actions">
      {verbs.map(verb => (
        <button
          type="button"
          key={verb}
          className="small"
          aria-label={`${VERBS[verb]} ${name}`}
          disabled={act.isPending}
          onClick={() => post(verb)}
        >
          {VERBS[verb]}
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

function targetOf(provider: Provider): string {
  switch (provider.kind) {
    case 'smtp':
      return `${provider.host}:${provider.port}`;
    case 'pickup':
      return provider.directory ?? '';
    case 'capture':
      return 'Kept in the inbox';
  }
}
