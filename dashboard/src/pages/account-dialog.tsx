import { type FormEvent, useState } from 'react';
import type { Account } from '../data/shapes.ts';
import { problemOf, useCall } from '../parts/action.tsx';
import { Dialog, SubmitFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Secret } from '../parts/secret.tsx';
import { accountSettingsOf, LIMITS } from './account-settings.ts';
import { WebhookFields } from './webhook-fields.tsx';

export interface AccountDialogProps {
  /** The account to edit; absent: a new one. */
  readonly account: Account | undefined;
  readonly onClose: () => void;
}

/** Adds or edits an account, and shows the signing secret of its webhook when there is a new one. */
export function AccountDialog({ account, onClose }: AccountDialogProps) {
  const [secret, setSecret] = useState<string>();
  const save = useCall<{ webhookSecret?: string }>(({ webhookSecret }) =>
    webhookSecret === undefined ? onClose() : setSecret(webhookSecret),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = accountSettingsOf(new FormData(event.currentTarget), account);
    if (account === undefined) save.mutate({ method: 'POST', path: '/v1/accounts', body });
    else save.mutate({ method: 'PATCH', path: `/v1/accounts/${account.id}`, body });
  };
  return (
    <Dialog title={account === undefined ? 'Add account' : `Edit ${account.name}`} onClose={onClose}>
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
            Saved. Copy this signing secret now: it is shown only once. The receiver needs it to verify the
            signature of each event (Standard Webhooks).
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
        label="Allowed senders"
        hint="Addresses, @domains, or * for any sender"
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
              placeholder="No limit"
              defaultValue={account?.limits[name] ?? ''}
            />
          </Field>
        ))}
      </div>
      <WebhookFields webhook={account?.webhook ?? null} error={error} />
      <label>
        <input type="checkbox" name="sendsNotices" defaultChecked={account?.sendsNotices ?? true} /> Send
        bounce messages to the sender of mail that arrives over SMTP
      </label>
      <label>
        <input type="checkbox" name="isEnabled" defaultChecked={account?.isEnabled ?? true} /> Enabled: the
        keys of this account are accepted
      </label>
    </>
  );
}
