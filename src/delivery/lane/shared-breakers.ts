import type { Hint } from '../../core/breaker-hint.ts';
import type { ProviderId } from '../../core/message.ts';
import type { Registry } from '../../store/registry.ts';
import type { LeaseId } from '../../store/store.ts';
import type { Lanes } from './lanes.ts';

/** Tells other nodes of our breakers, and takes what they say of theirs as a hint. */
export interface BreakerHints {
  tell(provider: ProviderId, breaker: Hint['breaker']): void;
  stop(): void;
}

export interface BreakerHintsParts {
  readonly registry: Registry;
  readonly lanes: Pick<Lanes, 'of'>;
  readonly lease: LeaseId;
  readonly now: () => number;
  /** Told when a hint has changed what may be sent. */
  readonly onHeard: () => void;
  readonly onError: (error: unknown) => void;
}

/** Only what is said from now on is heard: what was said before we began may be long over. */
export async function shareBreakers(parts: BreakerHintsParts): Promise<BreakerHints> {
  const { registry, lanes, lease, now, onHeard, onError } = parts;
  const heard = new Map<ProviderId, number>();

  /** The hints that are new to us, ours excepted. */
  async function listen(): Promise<readonly Hint[]> {
    const hints = await registry.list('hint');
    const fresh = hints.filter(({ provider, count }) => heard.get(provider) !== count);
    for (const { provider, count } of fresh) heard.set(provider, count);
    return fresh.filter(({ by }) => by !== lease);
  }

  async function take(): Promise<void> {
    const hints = await listen();
    for (const { provider, breaker } of hints) lanes.of(provider)?.breaker.noteOther(breaker, now());
    if (hints.length > 0) onHeard();
  }

  await listen();
  const stop = registry.onChange(kind => {
    if (kind === 'hint') take().catch(onError);
  });
  return {
    tell: (provider, breaker) => void write(registry, { provider, breaker, by: lease }).catch(onError),
    stop,
  };
}

/** One record for each provider, whatever happens there. */
async function write(registry: Registry, hint: Pick<Hint, 'provider' | 'breaker' | 'by'>): Promise<void> {
  const name = `provider ${hint.provider}`;
  const isNew = await registry.add('hint', name, id => ({ ...hint, id, count: 1 }));
  if (isNew !== undefined) return;
  const known = (await registry.list('hint')).find(({ provider }) => provider === hint.provider);
  if (known === undefined) return;
  await registry.change('hint', known.id, old => ({ ...old, ...hint, count: old.count + 1 }));
}
