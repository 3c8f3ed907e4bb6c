import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call, withQuery } from '../data/api.ts';
import { useMay } from '../data/session.ts';
import type { TempAddress } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Empty, Failure, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { StateWord } from '../parts/state-word.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { go, to, useLocation } from '../route.ts';

const PAGE = 50;

/** The temp-mail addresses, whose holders send with a JWT: their "Password". */
export function AddressesPage() {
  const { text = '', offset = '0' } = useLocation().query;
  const [isAdding, add] = useState(false);
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
  const next = Number(offset) + PAGE;
  return (
    <Page
      title="Addresses"
      actions={
        mayEdit && (
          <button type="button" className="primary" onClick={() => add(true)}>
            Add an address
          </button>
        )
      }
    >
      <form className="search-line" onSubmit={search}>
        <input type="search" name="text" aria-label="Search addresses" defaultValue={text} />
        <button type="submit">Search</button>
      </form>
      <Fetched query={found}>
        {({ addresses, count }) =>
          addresses.length === 0 ? (
            <Empty title={text === '' ? 'No address yet' : 'No address is like that'} />
          ) : (
            <>
              <AddressList addresses={addresses} />
              {next < count && (
                <p className="more">
                  <a className="button" href={to('addresses', { text, offset: next })}>
                    Next {PAGE} of {count.toLocaleString()}
                  </a>
                </p>
              )}
            </>
          )
        }
      </Fetched>
      {isAdding && <AddDialog onClose={() => add(false)} />}
    </Page>
  );
}

function AddressList({ addresses }: { readonly addresses: readonly TempAddress[] }) {
  const mayEdit = useMay('admin');
  const [jwt, show] = useState<string>();
  const [asked, ask] = useState<number>();
  const act = useCall();
  const reveal = async (id: number) =>
    show((await call<{ jwt: string }>('GET', `/v1/addresses/${id}/token`)).jwt);
  return (
    <>
      {act.error !== null && <Failure error={act.error} />}
      <Table label="Addresses" columns={['Sending', 'Address', 'Balance', 'Made', 'Actions']}>
        {addresses.map(({ id, address, balance, createdAt }) => (
          <tr key={id}>
            <td>
              <StateWord state={balance?.isEnabled === true ? 'enabled' : 'disabled'} />
            </td>
            <td>{address}</td>
            <td className="figures">{balance === null ? '–' : balance.balance.toLocaleString()}</td>
            <td>
              <Time at={createdAt} />
            </td>
            <td>
              {mayEdit && (
                <div className="actions">
                  <button
                    type="button"
                    className="small"
                    aria-label={`Password of ${address}`}
                    onClick={() => void reveal(id)}
                  >
                    Password
                  </button>
                  <button
                    type="button"
                    className="small danger"
                    aria-label={`${asked === id ? 'Really delete' : 'Delete'} ${address}`}
                    onClick={() =>
                      asked === id ? act.mutate({ method: 'DELETE', path: `/v1/addresses/${id}` }) : ask(id)
                    }
                  >
                    {asked === id ? 'Really delete it' : 'Delete…'}
                  </button>
                </div>
              )}
            </td>
          </tr>
        ))}
      </Table>
      {jwt !== undefined && (
        <Dialog title="Password" onClose={() => show(undefined)}>
          <Password jwt={jwt} />
        </Dialog>
      )}
    </>
  );
}

function AddDialog({ onClose }: { readonly onClose: () => void }) {
  const add = useCall<{ jwt: string }>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = { name: new FormData(event.currentTarget).get('name') };
    add.mutate({ method: 'POST', path: '/v1/addresses', body });
  };
  return (
    <Dialog title="Add an address" onClose={onClose}>
      {add.data === undefined ? (
        <form onSubmit={submit}>
          <Field label="Name" hint="What stands before the @">
            <input name="name" required autoComplete="off" />
          </Field>
          {add.error !== null && <Failure error={add.error} />}
          <div className="dialog-foot">
            <button type="submit" className="primary" disabled={add.isPending}>
              Add
            </button>
          </div>
        </form>
      ) : (
        <Password jwt={add.data.jwt} />
      )}
    </Dialog>
  );
}

function Password({ jwt }: { readonly jwt: string }) {
  return (
    <div className="secret" role="status">
      <code>{jwt}</code>
      <CopyButton text={jwt}>Copy</CopyButton>
    </div>
  );
}
