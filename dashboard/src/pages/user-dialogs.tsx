import type { FormEvent } from 'react';
import type { User } from '../data/shapes.ts';
import { problemOf, useCall } from '../parts/action.tsx';
import { Dialog, SubmitFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';

/** Adds a user who can sign in. */
export function UserDialog({ onClose }: { readonly onClose: () => void }) {
  const add = useCall(onClose);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.currentTarget));
    add.mutate({ method: 'POST', path: '/v1/users', body });
  };
  return (
    <Dialog title="Add user" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="form-grid">
          <Field label="Name" problem={problemOf(add.error, 'name')}>
            <input name="name" required maxLength={64} autoComplete="off" />
          </Field>
          <Field label="Role" hint="Viewers view everything, operators also manage messages and providers">
            <select name="role" defaultValue="viewer">
              <option>viewer</option>
              <option>operator</option>
              <option>admin</option>
            </select>
          </Field>
          <PasswordField problem={problemOf(add.error, 'password')} />
        </div>
        <SubmitFoot call={add} busy="Adding…">
          Add
        </SubmitFoot>
      </form>
    </Dialog>
  );
}

/** Sets the password of a user, which ends the sessions of the user. */
export function PasswordDialog({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const change = useCall(onClose);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password') ?? '');
    change.mutate({ method: 'PATCH', path: `/v1/users/${user.id}`, body: { password } });
  };
  return (
    <Dialog title={`Set password of ${user.name}`} onClose={onClose}>
      <form onSubmit={submit}>
        <PasswordField problem={problemOf(change.error, 'password')} />
        <p className="hint">This ends all sessions of {user.name}. The new password is valid immediately.</p>
        <SubmitFoot call={change} busy="Saving…">
          Set password
        </SubmitFoot>
      </form>
    </Dialog>
  );
}

function PasswordField({ problem }: { readonly problem: string | undefined }) {
  return (
    <Field label="Password" hint="At least 10 characters" problem={problem}>
      <input
        name="password"
        type="password"
        required
        minLength={10}
        maxLength={256}
        autoComplete="new-password"
      />
    </Field>
  );
}
