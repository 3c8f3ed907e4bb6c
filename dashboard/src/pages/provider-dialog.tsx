import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { ApiError, call } from '../data/api.ts';
import { providerName } from '../data/lists.ts';
import type { Check, Preset, Provider } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Busy } from '../parts/busy.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/notice.tsx';
import { CheckReport } from './check-report.tsx';
import { ProviderFields } from './provider-fields.tsx';
import { Presets } from './provider-presets.tsx';
import { settingsOf } from './provider-settings.ts';
import { TestMailFields, testMailOf } from './test-mail-fields.tsx';

export interface ProviderDialogProps {
  /** The provider to edit; absent: a new one. */
  readonly provider: Provider | undefined;
  readonly onClose: () => void;
}

/** Adds or edits a provider. Its settings can be tested before they are saved. */
export function ProviderDialog({ provider, onClose }: ProviderDialogProps) {
  const form = useRef<HTMLFormElement>(null);
  const [preset, choosePreset] = useState<Preset | 'pickup'>();
  const kind = provider?.kind ?? (preset === 'pickup' ? 'pickup' : 'smtp');
  const save = useCall(onClose);
  const check = useMutation({
    mutationFn: (body: object) => call<Check>('POST', '/v1/providers/check', body),
  });
  const formData = () => (form.current === null ? new FormData() : new FormData(form.current));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [method, path] =
      provider === undefined
        ? (['POST', '/v1/providers'] as const)
        : (['PATCH', `/v1/providers/${provider.id}`] as const);
    save.mutate({ method, path, body: settingsOf(formData(), kind, provider) });
  };
  const test = () => {
    const id = provider === undefined ? {} : { id: provider.id };
    check.mutate({ ...settingsOf(formData(), kind, provider), ...testMailOf(formData()), ...id });
  };
  const error = save.error ?? check.error;
  return (
    <Dialog
      title={provider === undefined ? 'Add provider' : `Edit ${providerName(provider)}`}
      onClose={onClose}
    >
      <form ref={form} onSubmit={submit} noValidate>
        {provider === undefined && <Presets chosen={preset} onChoose={choosePreset} />}
        <ProviderFields
          key={preset === 'pickup' ? preset : preset?.name}
          kind={kind}
          provider={provider}
          preset={preset === 'pickup' ? undefined : preset}
          problems={error instanceof ApiError ? error.problems : []}
        />
        {kind !== 'capture' && (
          <details>
            <summary>Test message</summary>
            <TestMailFields provider={provider} error={error} />
          </details>
        )}
        {error !== null && <Failure error={error} />}
        {check.isPending && <Busy>Connecting…</Busy>}
        {check.data !== undefined && !check.isPending && <CheckReport check={check.data} />}
        <div className="dialog-foot">
          {provider !== undefined && <RemoveButton provider={provider} onDone={onClose} />}
          <button type="button" disabled={check.isPending} onClick={test}>
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

function RemoveButton({ provider, onDone }: { readonly provider: Provider; readonly onDone: () => void }) {
  const remove = useCall(onDone);
  return (
    <>
      {remove.error !== null && <Failure error={remove.error} />}
      <ConfirmButton
        verb="Remove"
        what={`provider "${providerName(provider)}"`}
        isSmall={false}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate({ method: 'DELETE', path: `/v1/providers/${provider.id}` })}
      />
    </>
  );
}
