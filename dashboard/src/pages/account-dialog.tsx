import type { FormEvent } from 'react';
import { ApiError } from '../data/api.ts';
import type { Account } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Failure } from '../parts/notice.tsx';

const LIMITS = [
  ['maxPerMinute', 'Recipients a minute'],
  ['maxPerHour', 'Recipients an hour'],
  ['maxPerDay', 'Recipients a day'],
  ['maxRecipientsPerMessage', 'Recipients a message'],
] as const;

export interface AccountDialogProps {
  /** Absent: a new one. */
  readonly account: Account | undefined;
  readonly onClose: () => void;
}

/** Adds or changes an account. */
export function AccountDialog({ account, onClose }: AccountDialogProps) {
  const save = useCall(onClose);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = settingsOf(new FormData(event.currentTarget));
    if (account === undefined) save.mutate({ method: 'POST', path: '/v1/accounts', body });
    else save.mutate({ method: 'PATCH', path: `/v1/accounts/${account.id}`, body });
  };
  const problemOf = (field: string) =>
    save.error instanceof ApiError
      ? save.error.problems.find(each => each.field === field)?.message
      : undefined;
  return (
    <Dialog title={account === undefined ? 'Add an account' : `Edit ${account.name}`} onClose={onClose}>
      <form onSubmit={submit}>
        {account === undefined && (
          <Field label="Name" problem={problemOf('name')}>
            <input name="name" required maxLength={255} />
          </Field>
        )}
        <Field
          label="May send as"
          hint="Addresses, @domains, or * for anybody"
          problem={problemOf('allowedSenders')}
        >
          <textarea name="allowedSenders" rows={2} defaultValue={account?.allowedSenders.join(', ')} />
        </Field>
        <div className="form-grid">
          {LIMITS.map(([name, label]) => (
            <Field key={name} label={label} problem={problemOf(`limits.${name}`)}>
              <input
                name={name}
                inputMode="numeric"
                placeholder="no limit"
                defaultValue={account?.limits[name] ?? ''}
              />
            </Field>
          ))}
        </div>
        <label>
          <input type="checkbox" name="isEnabled" defaultChecked={account?.isEnabled ?? true} /> Enabled: its
          keys work
        </label>
        {save.error !== null && <Failure error={save.error} />}
        <div className="dialog-foot">
          <button type="submit" className="primary" disabled={save.isPending}>
            {save.isPending ? 'Saving…' : 'Save'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function settingsOf(form: FormData): object {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const limits = LIMITS.map(([name]) => [name, text(name) === '' ? null : Number(text(name))] as const);
  return {
    ...(form.has('name') && { name: text('name') }),
    allowedSenders: text('allowedSenders')
      .split(/[\s,]+/)
      .filter(sender => sender !== ''),
    limits: Object.fromEntries(limits),
    isEnabled: form.has('isEnabled'),
  };
}
