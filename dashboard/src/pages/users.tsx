import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../data/api.ts';
import { useSession } from '../data/session.ts';
import type { User } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Empty, Failure, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { StateLabel } from '../parts/state-label.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { PasswordDialog, UserDialog } from './user-dialogs.tsx';

type Shown = { readonly what: 'add' } | { readonly what: 'password'; readonly user: User };

/** The users who can sign in, with their roles. */
export function UsersPage() {
  const [shown, show] = useState<Shown>();
  const users = useQuery({
    queryKey: ['users'],
    queryFn: async () => (await call<{ users: User[] }>('GET', '/v1/users')).users,
  });
  const close = () => show(undefined);
  return (
    <Page
      title="Users"
      actions={
        <button type="button" className="primary" onClick={() => show({ what: 'add' })}>
          Add user
        </button>
      }
    >
      <Fetched query={users}>
        {list =>
          list.length === 0 ? (
            <Empty title="No users yet">
              <p>
                You can sign in with the operator token. Add a user for each person who signs in with a
                password.
              </p>
            </Empty>
          ) : (
            <UserList users={list} onPassword={user => show({ what: 'password', user })} />
          )
        }
      </Fetched>
      <p className="hint">
        Viewers can view everything. Operators can also manage messages, and test, pause or disable providers.
        Administrators can do everything. A change takes effect immediately. A new password or{' '}
        <em>Disable</em> ends the sessions of the user.
      </p>
      {shown?.what === 'add' && <UserDialog onClose={close} />}
      {shown?.what === 'password' && <PasswordDialog user={shown.user} onClose={close} />}
    </Page>
  );
}

interface UserListProps {
  readonly users: readonly User[];
  readonly onPassword: (user: User) => void;
}

function UserList({ users, onPassword }: UserListProps) {
  const { kind, name: viewer } = useSession();
  const change = useCall();
  const admins = users.filter(user => user.role === 'admin' && user.isEnabled);
  return (
    <>
      {change.error !== null && <Failure error={change.error} />}
      <Table label="Users" columns={['State', 'Name', 'Role', 'Created', 'Actions']}>
        {users.map(user => (
          <tr key={user.id}>
            <td>
              <StateLabel state={user.isEnabled ? 'enabled' : 'disabled'} />
            </td>
            <td>
              <strong>{user.name}</strong>
              {kind === 'user' && user.name === viewer && <span className="quiet-text"> (you)</span>}
            </td>
            <td>
              <RoleChoice user={user} obstacle={obstacleOf(user, admins)} change={change} />
            </td>
            <td>
              <Time at={user.createdAt} />
            </td>
            <td>
              <UserActions
                user={user}
                obstacle={obstacleOf(user, admins)}
                change={change}
                onPassword={() => onPassword(user)}
              />
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

/** Why the user must stay an administrator; undefined if there is another one. */
function obstacleOf({ id }: User, admins: readonly User[]): string | undefined {
  if (admins.length !== 1 || admins[0]?.id !== id) return undefined;
  return 'The last administrator. Make another user an administrator first.';
}

interface UserProps {
  readonly user: User;
  readonly obstacle: string | undefined;
  readonly change: ReturnType<typeof useCall>;
}

function RoleChoice({ user: { id, name, role }, obstacle, change }: UserProps) {
  return (
    <select
      aria-label={`Role of ${name}`}
      value={role}
      title={obstacle}
      disabled={change.isPending || obstacle !== undefined}
      onChange={event =>
        change.mutate({ method: 'PATCH', path: `/v1/users/${id}`, body: { role: event.target.value } })
      }
    >
      <option>admin</option>
      <option>operator</option>
      <option>viewer</option>
    </select>
  );
}

function UserActions(props: UserProps & { readonly onPassword: () => void }) {
  const { user, obstacle, change, onPassword } = props;
  const { id, name, isEnabled } = user;
  const path = `/v1/users/${id}`;
  return (
    <div className="actions">
      <button
        type="button"
        className="small"
        aria-label={`${isEnabled ? 'Disable' : 'Enable'} ${name}`}
        title={isEnabled ? obstacle : undefined}
        disabled={change.isPending || (isEnabled && obstacle !== undefined)}
        onClick={() => change.mutate({ method: 'PATCH', path, body: { isEnabled: !isEnabled } })}
      >
        {isEnabled ? 'Disable' : 'Enable'}
      </button>
      <button type="button" className="small" aria-label={`Set password of ${name}`} onClick={onPassword}>
        Set password…
      </button>
      <ConfirmButton
        verb="End sessions"
        what={`of ${name}`}
        isBusy={change.isPending}
        onConfirm={() => change.mutate({ method: 'DELETE', path: `${path}/sessions` })}
      />
      <ConfirmButton
        verb="Remove"
        what={`user "${name}"`}
        obstacle={obstacle}
        isBusy={change.isPending}
        onConfirm={() => change.mutate({ method: 'DELETE', path })}
      />
    </div>
  );
}
