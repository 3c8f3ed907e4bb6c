import type { BreakerState } from '../../core/breaker-state.ts';
import type { ProviderId } from '../../core/message.ts';
import type { Registry } from '../../store/registry.ts';
import type { LeaseId } from '../../store/store.ts';
import type { BreakerChange } from './circuit-breaker.ts';
import type { Lanes } from './lanes.ts';

/** Shares the breaker states of the nodes of a cluster, through the registry (records of kind `hint`). */
export interface SharedBreakers {
  /** Tells the other nodes that a breaker of this one opened or closed. */
  publish(provider: ProviderId, change: BreakerChange): void;
  stop(): void;
}

export interface SharedBreakersOptions {
  readonly registry: Registry;
  readonly lanes: Pick<Lanes, 'of'>;
  readonly lease: LeaseId;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called after the state of another node was applied here. */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

/** Applies what other nodes publish from now on. States from before may be out of date and are ignored. */
export async function shareBreakerStates(options: SharedBreakersOptions): Promise<SharedBreakers> {
  const { registry, lanes, lease, now, onChange, onError } = options;
  /** The count of the last state that was read, for each provider. */
  const seen = new Map<ProviderId, number>();

  /** States that are new to this node and that other nodes published. */
  async function readNew(): Promise<readonly BreakerState[]> {
    const states = await registry.list('hint');
    const fresh = states.filter(({ provider, count }) => seen.get(provider) !== count);
    for (const { provider, count } of fresh) seen.set(provider, count);
    return fresh.filter(({ by }) => by !== lease);
  }

  async function apply(): Promise<void> {
    const states = await readNew();
    for (const { provider, breaker } of states) lanes.of(provider)?.breaker.noteOther(breaker, now());
    if (states.length > 0) onChange();
  }

  await readNew();
  const stop = registry.onChange(kind => {
    if (kind === 'hint') apply().catch(onError);
  });
  return {
    publish: (provider, breaker) => void write(registry, { provider, breaker, by: lease }).catch(onError),
    stop,
  };
}

/** Each provider has one record, which is overwritten. Its `count` shows that it changed. */
async function write(
  registry: Registry,
  state: Pick<BreakerState, 'provider' | 'breaker' | 'by'>,
): Promise<void> {
  const name = `provider ${state.provider}`;
  const isNew = await registry.add('hint', name, id => ({ ...state, id, count: 1 }));
  if (isNew !== undefined) return;
  const known = (await registry.list('hint')).find(({ provider }) => provider === state.provider);
  if (known === undefined) return;
  await registry.change('hint', known.id, old => ({ ...old, ...state, count: old.count + 1 }));
}
