import type { FormEvent } from 'react';
import type { Account } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Dialog, SubmitFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Secret } from '../parts/secret.tsx';

const SCOPES = [
  ['send', 'Send mail'],
  ['read', 'Read messages and their status'],
  ['manage', 'Manage the gate (full access)'],
] as const;

export interface KeyDialogProps {
  readonly accounts: readonly Account[];
  readonly onClose: () => void;
}

/** Creates a key and shows its secret once. */
export function KeyDialog({ accounts, onClose }: KeyDialogProps) {
  const create = useCall<{ secret: string }>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { name: form.get('name'), account: form.get('account'), scopes: form.getAll('scope') };
    create.mutate({ method: 'POST', path: '/v1/keys', body });
  };
  return (
    <Dialog title="Create key" onClose={onClose}>
      {create.data === undefined ? (
        <form onSubmit={submit}>
          <div className="form-grid">
            <Field label="Name" hint="For example, the application that uses it">
              <input name="name" required maxLength={255} />
            </Field>
            <Field label="Account">
              <select name="account">
                {accounts.map(({ id, name }) => (
                  <option key={id}>{name}</option>
                ))}
              </select>
            </Field>
          </div>
          <fieldset className="stack">
            <legend>Permissions</legend>
            {SCOPES.map(([scope, label]) => (
              <label key={scope}>
                <input type="checkbox" name="scope" value={scope} defaultChecked={scope !== 'manage'} />{' '}
                {label}
              </label>
            ))}
          </fieldset>
          <SubmitFoot call={create} busy="Creating…">
            Create key
          </SubmitFoot>
        </form>
      ) : (
        <>
          <Secret secret={create.data.secret}>
            Copy this key now: it is shown only once. The gate stores only its hash.
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
