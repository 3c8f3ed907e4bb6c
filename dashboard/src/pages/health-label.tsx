import type { ProviderHealth } from '../data/shapes.ts';
import { StateLabel } from '../parts/state-label.tsx';
import { Time } from '../parts/time.tsx';

/** The health of a provider. While its circuit breaker is open, also the time of the next attempt. */
export function HealthLabel({
  provider,
}: {
  readonly provider: Pick<ProviderHealth, 'health' | 'openUntil'>;
}) {
  return (
    <>
      <StateLabel state={provider.health} />
      {provider.openUntil !== undefined && (
        <span className="quiet-text">
          {' '}
          Next attempt <Time at={provider.openUntil} />
        </span>
      )}
    </>
  );
}
