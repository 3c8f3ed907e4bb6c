import type { FormEvent } from 'react';
import { useCall } from '../parts/action.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Failure } from '../parts/notice.tsx';
import { go } from '../route.ts';

/** Sends the same content to other recipients, and opens the new message. */
export function ResendDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const resend = useCall<{ id: string }>(answer => {
    onClose();
    go(`messages/${answer.id}`);
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('recipients') ?? '');
    const recipients = text.split(/[\s,]+/).filter(address => address !== '');
    resend.mutate({ method: 'POST', path: `/v1/messages/${id}/resend`, body: { recipients } });
  };
  return (
    <Dialog title="Resend message" onClose={onClose}>
      <form onSubmit={submit}>
        <Field label="To" hint="Up to 50 addresses, separated by commas. The content does not change.">
          <textarea name="recipients" rows={2} required />
        </Field>
        {resend.error !== null && <Failure error={resend.error} />}
        <div className="dialog-foot">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={resend.isPending}>
            {resend.isPending ? 'Sending…' : 'Resend'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
