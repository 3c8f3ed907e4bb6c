import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call } from '../data/api.ts';
import { providerName } from '../data/lists.ts';
import type { Check, Provider } from '../data/shapes.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/notice.tsx';
import { CheckReport } from './check-report.tsx';

/** Tries a saved provider without sending mail, and shows each stage. */
export function CheckDialog({
  provider,
  onClose,
}: {
  readonly provider: Provider;
  readonly onClose: () => void;
}) {
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: () => call<Check>('POST', `/v1/providers/${provider.id}/check`),
  });
  useEffect(() => mutate(), [mutate]);
  return (
    <Dialog title={`Test of ${providerName(provider)}`} onClose={onClose}>
      {isPending && <p role="status">Connecting…</p>}
      {error !== null && <Failure error={error} />}
      {data !== undefined && <CheckReport check={data} />}
      <div className="dialog-foot">
        <button type="button" disabled={isPending} onClick={() => mutate()}>
          Test again
        </button>
      </div>
    </Dialog>
  );
}
