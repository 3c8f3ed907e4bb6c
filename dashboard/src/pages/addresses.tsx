import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call, withQuery } from '../data/api.ts';
import { useMay } from '../data/session.ts';
import type { TempAddress } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Empty, Failure, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { StateLabel } from '../parts/state-label.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { go, to, useLocation } from '../route.ts';
import { AddressDialog, BalanceDialog, PasswordDialog } from './address-dialogs.tsx';
import { AddressPolicy } from './address-policy.tsx';

const PAGE = 50;

type Shown =
  | { readonly what: 'add' }
  | { readonly what: 'password' | 'balance'; readonly address: TempAddress };

/** The temp-mail addresses. A client sends with the JWT of an address, which it calls the password. */
export function AddressesPage() {
  const { text = '', offset = '0' } = useLocation().query;
  const [shown, show] = useState<Shown>();
  const mayEdit = useMay('admin');
  const path = withQuery('/v1/addresses', { text, offset, limit: PAGE });
  const found = useQuery({
    queryKey: ['addresses', path],
    queryFn: () => call<{ addresses: TempAddress[]; count: number }>('GET', path),
  });
  const search = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    go('addresses', { text: String(new FormData(event.currentTarget).get('text') ?? '').trim() });
  };
  const close = () => show(undefined);
  return (
    <Page
      title="Temporary addresses"
      actions={
        mayEdit && (
          <button type="button" className="primary" onClick={() => show({ what: 'add' })}>
            Add address
          </button>
        )
      }
    >
      <AddressPolicy />
      <form className="search-line" onSubmit={search}>
        <input
          type="search"
          name="text"
          aria-label="Search addresses"
          placeholder="Part of an address"
          defaultValue={text}
        />
        <button type="submit">Search</button>
      </form>
      <Fetched query={found}>
        {({ addresses, count }) =>
          addresses.length === 0 ? (
            <Empty title={text === '' ? 'No addresses yet' : 'No addresses match'}>
              <p>
                A client with the password of an address can send from it through the temp-mail API or SMTP.
              </p>
            </Empty>
          ) : (
            <>
              <AddressList addresses={addresses} onShow={show} />
              <Pages text={text} offset={Number(offset)} count={count} />
            </>
          )
        }
      </Fetched>
      {shown?.what === 'add' && <AddressDialog onClose={close} />}
      {shown?.what === 'password' && <PasswordDialog address={shown.address} onClose={close} />}
      {shown?.what === 'balance' && <BalanceDialog address={shown.address} onClose={close} />}
    </Page>
  );
}

interface PagesProps {
  readonly text: string;
  readonly offset: number;
  readonly count: number;
}

function Pages({ text, offset, count }: PagesProps) {
  const next = offset + PAGE;
  if (count <= PAGE) return null;
  return (
    <p className="more actions">
      {offset > 0 && (
        <a className="button" href={to('addresses', { text, offset: Math.max(0, offset - PAGE) })}>
          Newer
        </a>
      )}
      {next < count && (
        <a className="button" href={to('addresses', { text, offset: next })}>
          Older: {next + 1} to {Math.min(next + PAGE, count)} of {count.toLocaleString()}
        </a>
      )}
    </p>
  );
}

interface AddressListProps {
  readonly addresses: readonly TempAddress[];
  readonly onShow: (shown: Shown) => void;
}

function AddressList({ addresses, onShow }: AddressListProps) {
  const mayEdit = useMay('admin');
  const act = useCall();
  const columns = ['Sending', 'Address', 'Balance', 'Created'];
  return (
    <>
      {act.error !== null && <Failure error={act.error} />}
      <Table label="Temporary addresses" columns={mayEdit ? [...columns, 'Actions'] : columns}>
        {addresses.map(address => (
          <tr key={address.id}>
            <td>
              <SendingState address={address} />
            </td>
            <td className="wide">{address.address}</td>
            <td className="figures">{address.balance?.balance.toLocaleString() ?? '–'}</td>
            <td>
              <Time at={address.createdAt} />
            </td>
            {mayEdit && (
              <td>
                <div className="actions">
                  <ShowButton what="password" address={address} onShow={onShow} />
                  <ShowButton what="balance" address={address} onShow={onShow} />
                  <ConfirmButton
                    verb="Delete"
                    what={address.address}
                    isBusy={act.isPending}
                    onConfirm={() => act.mutate({ method: 'DELETE', path: `/v1/addresses/${address.id}` })}
                  />
                </div>
              </td>
            )}
          </tr>
        ))}
      </Table>
    </>
  );
}

interface ShowButtonProps {
  readonly what: 'password' | 'balance';
  readonly address: TempAddress;
  readonly onShow: (shown: Shown) => void;
}

function ShowButton({ what, address, onShow }: ShowButtonProps) {
  const name = what === 'password' ? 'Password' : 'Balance';
  return (
    <button
      type="button"
      className="small"
      aria-haspopup="dialog"
      aria-label={`${name} of ${address.address}`}
      onClick={() => onShow({ what, address })}
    >
      {name}…
    </button>
  );
}

function SendingState({ address: { balance } }: { readonly address: TempAddress }) {
  if (balance === null) return <StateLabel state="calm">Not requested</StateLabel>;
  if (!balance.isEnabled) return <StateLabel state="disabled" />;
  return balance.balance === 0 ? (
    <StateLabel state="deferred">Balance used up</StateLabel>
  ) : (
    <StateLabel state="enabled" />
  );
}
