import { type FormEvent, useState } from 'react';
import type { Account } from '../data/shapes.ts';
import { problemOf, useCall } from '../parts/action.tsx';
import { Dialog, SubmitFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Secret } from '../parts/secret.tsx';
import { accountSettingsOf, LIMITS } from './account-settings.ts';
import { WebhookFields } from './webhook-fields.tsx';

export interface AccountDialogProps {
  /** Absent: a new one. */
  readonly account: Account | undefined;
  readonly onClose: () => void;
}

/** Adds or changes an account; shows the secret of its webhook where one was made. */
export function AccountDialog({ account, onClose }: AccountDialogProps) {
  const [secret, keep] = useState<string>();
  const save = useCall<{ webhookSecret?: string }>(({ webhookSecret }) =>
    webhookSecret === undefined ? onClose() : keep(webhookSecret),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = accountSettingsOf(new FormData(event.currentTarget), account);
    if (account === undefined) save.mutate({ method: 'POST', path: '/v1/accounts', body });
    else save.mutate({ method: 'PATCH', path: `/v1/accounts/${account.id}`, body });
  };
  return (
    <Dialog title={account === undefined ? 'Add an account' : `Edit ${account.name}`} onClose={onClose}>
      {secret === undefined ? (
        <form onSubmit={submit}>
          <AccountFields account={account} error={save.error} />
          <SubmitFoot call={save} busy="Saving…">
            Save
          </SubmitFoot>
        </form>
      ) : (
        <>
          <Secret secret={secret}>
            It is saved. Keep this secret now, it is shown this once: with it the receiver checks that events
            come from this gate, as Standard Webhooks has it.
          </Secret>
          <div className="dialog-foot">
            <button type="button" className="primary" onClick={onClose}>
              Done
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

interface FieldsProps {
  readonly account: Account | undefined;
  readonly error: Error | null;
}

function AccountFields({ account, error }: FieldsProps) {
  return (
    <>
      {account === undefined && (
        <Field label="Name" problem={problemOf(error, 'name')}>
          <input name="name" required maxLength={255} />
        </Field>
      )}
      <Field
        label="May send as"
        hint="Addresses, @domains, or * for anybody"
        problem={problemOf(error, 'allowedSenders')}
      >
        <textarea name="allowedSenders" rows={2} defaultValue={account?.allowedSenders.join(', ')} />
      </Field>
      <div className="form-grid">
        {LIMITS.map(([name, label]) => (
          <Field key={name} label={label} problem={problemOf(error, `limits.${name}`)}>
            <input
              name={name}
              inputMode="numeric"
              placeholder="no limit"
              defaultValue={account?.limits[name] ?? ''}
            />
          </Field>
        ))}
      </div>
      <WebhookFields webhook={account?.webhook ?? null} error={error} />
      <label>
        <input type="checkbox" name="sendsNotices" defaultChecked={account?.sendsNotices ?? true} /> Failures
        of mail that came by SMTP are told to its sender
      </label>
      <label>
        <input type="checkbox" name="isEnabled" defaultChecked={account?.isEnabled ?? true} /> Enabled: its
        keys work
      </label>
    </>
  );
}
