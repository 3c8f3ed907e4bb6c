import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../data/api.ts';
import type { User } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Empty, Failure, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { StateWord } from '../parts/state-word.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';

/** Who may sign in here, and what each may do. */
export function UsersPage() {
  const [isAdding, add] = useState(false);
  const users = useQuery({
    queryKey: ['users'],
    queryFn: async () => (await call<{ users: User[] }>('GET', '/v1/users')).users,
  });
  return (
    <Page
      title="Users"
      actions={
        <button type="button" className="primary" onClick={() => add(true)}>
          Add a user
        </button>
      }
    >
      <Fetched query={users}>
        {list =>
          list.length === 0 ? (
            <Empty title="No user yet">
              <p>
                Whoever has the operator token can sign in; users have a name and a password of their own.
              </p>
            </Empty>
          ) : (
            <UserList users={list} />
          )
        }
      </Fetched>
      {isAdding && <UserDialog onClose={() => add(false)} />}
    </Page>
  );
}

function UserList({ users }: { readonly users: readonly User[] }) {
  const change = useCall();
  return (
    <>
      {change.error !== null && <Failure error={change.error} />}
      <Table label="Users" columns={['State', 'Name', 'Role', 'Made', 'Actions']}>
        {users.map(({ id, name, role, isEnabled, createdAt }) => (
          <tr key={id}>
            <td>
              <StateWord state={isEnabled ? 'enabled' : 'disabled'} />
            </td>
            <td>{name}</td>
            <td>
              <select
                aria-label={`Role of ${name}`}
                value={role}
                onChange={event =>
                  change.mutate({
                    method: 'PATCH',
                    path: `/v1/users/${id}`,
                    body: { role: event.target.value },
                  })
                }
              >
                <option>admin</option>
                <option>operator</option>
                <option>viewer</option>
              </select>
            </td>
            <td>
              <Time at={createdAt} />
            </td>
            <td>
              <button
                type="button"
                className="small"
                aria-label={`${isEnabled ? 'Disable' : 'Enable'} ${name}`}
                disabled={change.isPending}
                onClick={() =>
                  change.mutate({ method: 'PATCH', path: `/v1/users/${id}`, body: { isEnabled: !isEnabled } })
                }
              >
                {isEnabled ? 'Disable' : 'Enable'}
              </button>
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function UserDialog({ onClose }: { readonly onClose: () => void }) {
  const add = useCall(onClose);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.currentTarget));
    add.mutate({ method: 'POST', path: '/v1/users', body });
  };
  return (
    <Dialog title="Add a user" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="form-grid">
          <Field label="Name">
            <input name="name" required maxLength={64} autoComplete="off" />
          </Field>
          <Field label="Role" hint="Operators act on mail and providers, viewers look">
            <select name="role" defaultValue="viewer">
              <option>viewer</option>
              <option>operator</option>
              <option>admin</option>
            </select>
          </Field>
          <Field label="Password" hint="10 characters or more">
            <input
              name="password"
              type="password"
              required
              minLength={10}
              maxLength={256}
              autoComplete="new-password"
            />
          </Field>
        </div>
        {add.error !== null && <Failure error={add.error} />}
        <div className="dialog-foot">
          <button type="submit" className="primary" disabled={add.isPending}>
            {add.isPending ? 'Adding…' : 'Add'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
