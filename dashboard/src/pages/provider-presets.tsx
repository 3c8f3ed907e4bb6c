import { useQuery } from '@tanstack/react-query';
import { call } from '../data/api.ts';
import type { Preset } from '../data/shapes.ts';

export interface PresetsProps {
  readonly chosen: Preset | 'pickup' | undefined;
  readonly onChoose: (preset: Preset | 'pickup') => void;
}

/** Presets for common providers. The last one is for a pickup directory. */
export function Presets({ chosen, onChoose }: PresetsProps) {
  const { data: presets = [] } = useQuery({
    queryKey: ['presets'],
    queryFn: async () => (await call<{ presets: Preset[] }>('GET', '/v1/providers/presets')).presets,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const isChosen = (preset: Preset) => chosen !== 'pickup' && chosen?.name === preset.name;
  return (
    <fieldset className="stack">
      <legend className="visually-hidden">Provider presets</legend>
      <div className="choices presets">
        {presets.map(preset => (
          <button
            type="button"
            key={preset.name}
            aria-pressed={isChosen(preset)}
            onClick={() => onChoose(preset)}
          >
            {preset.caption}
          </button>
        ))}
        <button type="button" aria-pressed={chosen === 'pickup'} onClick={() => onChoose('pickup')}>
          Pickup directory
        </button>
      </div>
      {chosen !== undefined && <PresetNote preset={chosen} />}
    </fieldset>
  );
}

function PresetNote({ preset }: { readonly preset: Preset | 'pickup' }) {
  if (preset === 'pickup') {
    return (
      <p className="hint">
        Each message is written to a directory on this machine, in the format that PowerMTA reads.
      </p>
    );
  }
  return (
    <p className="hint">
      {preset.note}{' '}
      {preset.docs !== '' && (
        <a href={preset.docs} target="_blank" rel="noreferrer">
          SMTP documentation of the provider
        </a>
      )}
    </p>
  );
}
