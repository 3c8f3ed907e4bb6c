import type { FormEvent } from 'react';
import type { Account } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Dialog, SubmitFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Secret } from '../parts/secret.tsx';

const SCOPES = [
  ['send', 'Send mail'],
  ['read', 'Read what became of it'],
  ['manage', 'Manage the gate: everything'],
] as const;

export interface KeyDialogProps {
  readonly accounts: readonly Account[];
  readonly onClose: () => void;
}

/** Makes a key, and shows its secret this once. */
export function KeyDialog({ accounts, onClose }: KeyDialogProps) {
  const make = useCall<{ secret: string }>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { name: form.get('name'), account: form.get('account'), scopes: form.getAll('scope') };
    make.mutate({ method: 'POST', path: '/v1/keys', body });
  };
  return (
    <Dialog title="New key" onClose={onClose}>
      {make.data === undefined ? (
        <form onSubmit={submit}>
          <div className="form-grid">
            <Field label="Name" hint="What it is for">
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
            <legend>May</legend>
            {SCOPES.map(([scope, caption]) => (
              <label key={scope}>
                <input type="checkbox" name="scope" value={scope} defaultChecked={scope !== 'manage'} />{' '}
                {caption}
              </label>
            ))}
          </fieldset>
          <SubmitFoot call={make} busy="Making…">
            Make the key
          </SubmitFoot>
        </form>
      ) : (
        <>
          <Secret secret={make.data.secret}>
            Keep it now: it is shown this once, and the gate itself only knows its hash.
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
