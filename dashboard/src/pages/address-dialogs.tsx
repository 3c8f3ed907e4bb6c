import { useQuery } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { call } from '../data/api.ts';
import type { TempAddress } from '../data/shapes.ts';
import { problemOf, useCall } from '../parts/action.tsx';
import { Dialog, SubmitFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Fetched } from '../parts/notice.tsx';
import { Secret } from '../parts/secret.tsx';

/** Adds an address and shows its credentials. */
export function AddressDialog({ onClose }: { readonly onClose: () => void }) {
  const add = useCall<{ address: string; jwt: string; password: string | null }>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name = '', domain = ''] = String(form.get('name') ?? '')
      .trim()
      .split('@');
    const body = { name, ...(domain !== '' && { domain }), hasPrefix: form.has('hasPrefix') };
    add.mutate({ method: 'POST', path: '/v1/addresses', body });
  };
  return (
    <Dialog title={add.data === undefined ? 'Add address' : add.data.address} onClose={onClose}>
      {add.data === undefined ? (
        <form onSubmit={submit}>
          <Field
            label="Name"
            hint="The part before the @, or a full address in one of the configured domains"
            problem={problemOf(add.error, 'name') ?? problemOf(add.error, 'domain')}
          >
            <input name="name" required maxLength={320} autoComplete="off" />
          </Field>
          <label>
            <input type="checkbox" name="hasPrefix" /> Add the configured prefix for new addresses
          </label>
          <SubmitFoot call={add} busy="Adding…">
            Add
          </SubmitFoot>
        </form>
      ) : (
        <Credentials jwt={add.data.jwt} password={add.data.password} />
      )}
    </Dialog>
  );
}

interface AddressProps {
  readonly address: TempAddress;
  readonly onClose: () => void;
}

/** Shows the JWT of an address, which temp-mail clients call its password. */
export function PasswordDialog({ address: { id, address }, onClose }: AddressProps) {
  const token = useQuery({
    queryKey: ['address token', id],
    queryFn: () => call<{ jwt: string }>('GET', `/v1/addresses/${id}/token`),
    gcTime: 0,
  });
  return (
    <Dialog title={`Password of ${address}`} onClose={onClose}>
      <Fetched query={token}>{({ jwt }) => <Credentials jwt={jwt} password={null} />}</Fetched>
    </Dialog>
  );
}

function Credentials({ jwt, password }: { readonly jwt: string; readonly password: string | null }) {
  return (
    <div className="stack">
      <Secret secret={jwt}>
        A client with this JWT can send from this address. Over HTTP, it sends the header{' '}
        <code>Authorization: Bearer …</code>. Over SMTP, the user name is <code>jwt</code> and the JWT is the
        password.
      </Secret>
      {password !== null && (
        <Secret secret={password}>
          The short password, to sign in with the address. It is shown only once.
        </Secret>
      )}
    </div>
  );
}

/** Sets how many recipients an address may still send to. */
export function BalanceDialog({ address: { id, address, balance }, onClose }: AddressProps) {
  const save = useCall(onClose);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { balance: Number(form.get('balance')), isEnabled: form.has('isEnabled') };
    save.mutate({ method: 'PUT', path: `/v1/addresses/${id}/balance`, body });
  };
  return (
    <Dialog title={`Balance of ${address}`} onClose={onClose}>
      <form onSubmit={submit}>
        <Field
          label="Remaining recipients"
          hint={
            balance === null
              ? 'This address has not requested permission to send yet. Save to grant it.'
              : 'Each recipient of a message uses one'
          }
          problem={problemOf(save.error, 'balance')}
        >
          <input
            name="balance"
            type="number"
            min={0}
            max={1_000_000_000}
            required
            defaultValue={balance?.balance ?? 10}
          />
        </Field>
        <label>
          <input type="checkbox" name="isEnabled" defaultChecked={balance?.isEnabled ?? true} /> Allowed to
          send
        </label>
        <SubmitFoot call={save} busy="Saving…">
          Save
        </SubmitFoot>
      </form>
    </Dialog>
  );
}
