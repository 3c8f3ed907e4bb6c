import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { ApiError, call } from '../data/api.ts';
import { providerName } from '../data/lists.ts';
import type { Check, Preset, Provider } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/notice.tsx';
import { CheckReport } from './check-report.tsx';
import { ProviderFields } from './provider-fields.tsx';
import { settingsOf } from './provider-settings.ts';

export interface ProviderDialogProps {
  /** Absent: a new one. */
  readonly provider: Provider | undefined;
  readonly onClose: () => void;
}

/** Adds or changes a provider; it can be tried before it is saved. */
export function ProviderDialog({ provider, onClose }: ProviderDialogProps) {
  const form = useRef<HTMLFormElement>(null);
  const [preset, choosePreset] = useState<Preset>();
  const kind = provider?.kind ?? 'smtp';
  const save = useCall(onClose);
  const check = useMutation({
    mutationFn: (body: object) => call<Check>('POST', '/v1/providers/check', body),
  });
  const settings = () =>
    form.current === null ? {} : settingsOf(new FormData(form.current), kind, provider);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [method, path] =
      provider === undefined
        ? (['POST', '/v1/providers'] as const)
        : (['PATCH', `/v1/providers/${provider.id}`] as const);
    save.mutate({ method, path, body: settings() });
  };
  const tryIt = () => check.mutate({ ...settings(), ...(provider !== undefined && { id: provider.id }) });
  const error = save.error ?? check.error;
  return (
    <Dialog
      title={provider === undefined ? 'Add a provider' : `Edit ${providerName(provider)}`}
      onClose={onClose}
    >
      <form ref={form} onSubmit={submit} noValidate>
        {provider === undefined && <Presets chosen={preset} onChoose={choosePreset} />}
        <ProviderFields
          key={preset?.name}
          kind={kind}
          provider={provider}
          preset={preset}
          problems={error instanceof ApiError ? error.problems : []}
        />
        {error !== null && <Failure error={error} />}
        {check.isPending && <p role="status">Connecting…</p>}
        {check.data !== undefined && !check.isPending && <CheckReport check={check.data} />}
        <div className="dialog-foot">
          {provider !== undefined && <RemoveButton provider={provider} onDone={onClose} />}
          <button type="button" disabled={check.isPending} onClick={tryIt}>
            Test connection
          </button>
          <button type="submit" className="primary" disabled={save.isPending}>
            {save.isPending ? 'Saving…' : 'Save'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface PresetsProps {
  readonly chosen: Preset | undefined;
  readonly onChoose: (preset: Preset | undefined) => void;
}

function Presets({ chosen, onChoose }: PresetsProps) {
  const { data: presets = [] } = useQuery({
    queryKey: ['presets'],
    queryFn: async () => (await call<{ presets: Preset[] }>('GET', '/v1/providers/presets')).presets,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <fieldset className="stack">
      <legend className="visually-hidden">Known providers</legend>
      <div className="choices">
        {presets.map(preset => (
          <button
            type="button"
            key={preset.name}
            className="small"
            aria-pressed={preset.name === chosen?.name}
            onClick={() => onChoose(preset)}
          >
            {preset.caption}
          </button>
        ))}
      </div>
      {chosen !== undefined && <p className="hint">{chosen.note}</p>}
    </fieldset>
  );
}

function RemoveButton({ provider, onDone }: { readonly provider: Provider; readonly onDone: () => void }) {
  const [isAsked, ask] = useState(false);
  const remove = useCall(onDone);
  return (
    <>
      {remove.error !== null && <Failure error={remove.error} />}
      <button
        type="button"
        className="danger"
        disabled={remove.isPending}
        onClick={() =>
          isAsked ? remove.mutate({ method: 'DELETE', path: `/v1/providers/${provider.id}` }) : ask(true)
        }
      >
        {isAsked ? 'Really remove it' : 'Remove…'}
      </button>
    </>
  );
}
