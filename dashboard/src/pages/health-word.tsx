import type { ProviderHealth } from '../data/shapes.ts';
import { StateWord } from '../parts/state-word.tsx';
import { Time } from '../parts/time.tsx';

const WORDS: Readonly<Record<ProviderHealth['health'], string>> = {
  up: 'up',
  open: 'resting',
  probing: 'probing',
  disabled: 'disabled',
  paused: 'paused',
};

/** How a provider is; one at which too much went wrong rests for a while. */
export function HealthWord({
  provider,
}: {
  readonly provider: Pick<ProviderHealth, 'health' | 'openUntil'>;
}) {
  return (
    <>
      <StateWord state={provider.health}>{WORDS[provider.health]}</StateWord>
      {provider.openUntil !== undefined && (
        <span className="quiet-text">
          {' '}
          until <Time at={provider.openUntil} />
        </span>
      )}
    </>
  );
}
