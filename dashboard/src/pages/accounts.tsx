import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../data/api.ts';
import { useAccounts } from '../data/lists.ts';
import { useMay } from '../data/session.ts';
import type { Account, Key } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Empty, Failure, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { StateLabel } from '../parts/state-label.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { to } from '../route.ts';
import { AccountDialog } from './account-dialog.tsx';
import { KeyDialog } from './key-dialog.tsx';

type Shown = { readonly what: 'account'; readonly account?: Account } | { readonly what: 'key' };

/** Accounts with their allowed senders, limits and webhooks, and all keys. */
export function AccountsPage() {
  const accounts = useAccounts();
  const keys = useQuery({
    queryKey: ['keys'],
    queryFn: async () => (await call<{ keys: Key[] }>('GET', '/v1/keys')).keys,
  });
  const [shown, show] = useState<Shown>();
  const mayEdit = useMay('admin');
  const close = () => show(undefined);
  return (
    <Page
      title="Accounts and keys"
      actions={
        mayEdit && (
          <>
            <button type="button" onClick={() => show({ what: 'account' })}>
              Add account
            </button>
            <button type="button" className="primary" onClick={() => show({ what: 'key' })}>
              Create key
            </button>
          </>
        )
      }
    >
      <Fetched query={accounts}>
        {list => <AccountList accounts={list} onEdit={account => show({ what: 'account', account })} />}
      </Fetched>
      <h2>Keys</h2>
      <Fetched query={keys}>{list => <KeyList keys={list} accounts={accounts.data ?? []} />}</Fetched>
      {shown?.what === 'account' && <AccountDialog account={shown.account} onClose={close} />}
      {shown?.what === 'key' && <KeyDialog accounts={accounts.data ?? []} onClose={close} />}
    </Page>
  );
}

interface AccountListProps {
  readonly accounts: readonly Account[];
  readonly onEdit: (account: Account) => void;
}

function AccountList({ accounts, onEdit }: AccountListProps) {
  const mayEdit = useMay('admin');
  return (
    <Table
      label="Accounts"
      columns={['State', 'Account', 'Allowed senders', 'Limits', 'Webhook', 'Created', 'Actions']}
    >
      {accounts.map(account => (
        <tr key={account.id}>
          <td>
            <StateLabel state={account.isEnabled ? 'enabled' : 'disabled'} />
          </td>
          <td>
            <strong>{account.name}</strong>
          </td>
          <td>{account.allowedSenders.map(sender => (sender === '*' ? 'any sender' : sender)).join(', ')}</td>
          <td className="quiet-text">{limitsText(account)}</td>
          <td>
            <WebhookSummary account={account} />
          </td>
          <td>
            <Time at={account.createdAt} />
          </td>
          <td>
            <div className="actions">
              {mayEdit && (
                <button
                  type="button"
                  className="small"
                  aria-label={`Edit ${account.name}`}
                  onClick={() => onEdit(account)}
                >
                  Edit…
                </button>
              )}
              <a href={to('messages', { account: account.id })} aria-label={`Messages of ${account.name}`}>
                Messages
              </a>
            </div>
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The host that receives the events of an account, and which events. */
function WebhookSummary({ account: { webhook } }: { readonly account: Account }) {
  if (webhook === null) return <span className="quiet-text">None</span>;
  const events = webhook.events.length === 0 ? 'all events' : webhook.events.join(', ');
  return (
    <span title={webhook.url}>
      {hostOf(webhook.url)} <span className="quiet-text">{events}</span>
    </span>
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function KeyList({
  keys,
  accounts,
}: {
  readonly keys: readonly Key[];
  readonly accounts: readonly Account[];
}) {
  const mayRevoke = useMay('admin');
  const revoke = useCall();
  if (keys.length === 0) return <Empty title="No keys yet" />;
  return (
    <>
      {revoke.error !== null && <Failure error={revoke.error} />}
      <Table label="Keys" columns={['State', 'Key', 'Account', 'Permissions', 'Created', 'Actions']}>
        {keys.map(key => (
          <tr key={key.id}>
            <td>
              <StateLabel state={key.revokedAt === null ? 'active' : 'revoked'} />
            </td>
            <td>{key.name}</td>
            <td>{accounts.find(({ id }) => id === key.account)?.name ?? key.account}</td>
            <td>{key.scopes.join(', ')}</td>
            <td>
              <Time at={key.createdAt} />
            </td>
            <td>
              {mayRevoke && key.revokedAt === null && (
                <ConfirmButton
                  verb="Revoke"
                  what={`key "${key.name}"`}
                  isBusy={revoke.isPending}
                  onConfirm={() => revoke.mutate({ method: 'DELETE', path: `/v1/keys/${key.id}` })}
                />
              )}
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

const LIMIT_UNITS: Readonly<Record<string, string>> = {
  maxPerMinute: 'per minute',
  maxPerHour: 'per hour',
  maxPerDay: 'per day',
  maxRecipientsPerMessage: 'per message',
};

function limitsText({ limits }: Account): string {
  const texts = Object.entries(limits).map(
    ([name, max]) => `${max.toLocaleString()} ${LIMIT_UNITS[name] ?? name}`,
  );
  return texts.length === 0 ? 'None' : texts.join(', ');
}
