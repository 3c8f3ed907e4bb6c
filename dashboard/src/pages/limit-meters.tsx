import type { ProviderHealth } from '../data/shapes.ts';

/** A meter for each limit: how much of it is used. */
export function LimitMeters({ limits }: Pick<ProviderHealth, 'limits'>) {
  if (limits.length === 0) return <span className="quiet-text">No limits</span>;
  return (
    <ul>
      {limits.map(({ window, max, left }) => (
        <li key={window} className="figures">
          <meter
            aria-label={`Used part of the limit per ${window}`}
            min={0}
            max={max}
            high={max * 0.9}
            value={max - left}
          />{' '}
          {(max - left).toLocaleString()} of {max.toLocaleString()} per {window}
        </li>
      ))}
    </ul>
  );
}
