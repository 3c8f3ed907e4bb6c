import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect } from 'react';
import { call } from '../data/api.ts';
import { providerName } from '../data/lists.ts';
import type { Check, Provider } from '../data/shapes.ts';
import { Busy } from '../parts/busy.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/notice.tsx';
import { CheckReport } from './check-report.tsx';
import { TestMailFields, testMailOf } from './test-mail-fields.tsx';

export interface CheckDialogProps {
  readonly provider: Provider;
  readonly onClose: () => void;
}

/** Tests a saved provider and shows the result of each stage. It can test again with a test message. */
export function CheckDialog({ provider, onClose }: CheckDialogProps) {
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: (body: object) => call<Check>('POST', `/v1/providers/${provider.id}/check`, body),
  });
  useEffect(() => mutate({}), [mutate]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    mutate(testMailOf(new FormData(event.currentTarget)));
  };
  return (
    <Dialog title={`Test ${providerName(provider)}`} onClose={onClose}>
      <form onSubmit={submit}>
        {isPending && <Busy>Connecting…</Busy>}
        {error !== null && <Failure error={error} />}
        {data !== undefined && !isPending && <CheckReport check={data} />}
        {provider.kind !== 'capture' && <TestMailFields provider={provider} error={error} />}
        <div className="dialog-foot">
          <button type="submit" disabled={isPending}>
            Test again
          </button>
          <button type="button" className="primary" onClick={onClose}>
            Done
          </button>
        </div>
      </form>
    </Dialog>
  );
}
