import type { FormEvent } from 'react';
import { ApiError } from '../data/api.ts';
import type { Chaos, Provider } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Failure } from '../parts/notice.tsx';
import { duration } from '../parts/time.tsx';

/** Says that the inbox makes trouble, so that nobody wonders. */
export function ChaosNote({ chaos: { percent, reply, delayMs } }: { readonly chaos: Chaos }) {
  const what = [
    ...(reply === undefined ? [] : [`answered ${reply}`]),
    ...(delayMs > 0 ? [`delayed by ${duration(delayMs)}`] : []),
  ];
  return (
    <p className="why">
      <strong>Chaos is on:</strong> {percent} % of the messages are {what.join(' and ')}.
    </p>
  );
}

/** Lets the inbox fail or dawdle on purpose, to see how an application behaves. */
export function ChaosDialog({ inbox, onClose }: { readonly inbox: Provider; readonly onClose: () => void }) {
  const change = useCall(onClose);
  const { chaos } = inbox;
  const set = (value: Chaos | null) =>
    change.mutate({ method: 'PATCH', path: `/v1/providers/${inbox.id}`, body: { chaos: value } });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    set(chaosOf(new FormData(event.currentTarget)));
  };
  const problemOf = (field: string) =>
    change.error instanceof ApiError
      ? change.error.problems.find(each => each.field === `chaos.${field}`)?.message
      : undefined;
  return (
    <Dialog title="Chaos" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="form-grid">
          <Field label="Percent of messages" problem={problemOf('percent')}>
            <input
              name="percent"
              type="number"
              min={1}
              max={100}
              required
              defaultValue={chaos?.percent ?? 100}
            />
          </Field>
          <Field label="Delay in ms" problem={problemOf('delayMs')}>
            <input name="delayMs" type="number" min={0} max={10_000} defaultValue={chaos?.delayMs ?? 0} />
          </Field>
          <Field label="Answer comes after" problem={problemOf('at')}>
            <select name="at" defaultValue={chaos?.at ?? 'rcpt'}>
              <option value="rcpt">the recipient</option>
              <option value="dot">the message</option>
            </select>
          </Field>
        </div>
        <Field
          label="Answer"
          hint="4xx to be tried again, 5xx to bounce; empty: only the delay"
          problem={problemOf('reply')}
        >
          <input
            name="reply"
            list="replies"
            defaultValue={chaos === undefined ? '451 4.7.1 Try again later' : chaos.reply}
          />
        </Field>
        <datalist id="replies">
          <option value="451 4.7.1 Try again later" />
          <option value="452 4.2.2 Mailbox full" />
          <option value="550 5.1.1 No such user" />
          <option value="554 5.7.1 Refused as spam" />
        </datalist>
        {change.error !== null && <Failure error={change.error} />}
        <div className="dialog-foot">
          {chaos !== undefined && (
            <button type="button" disabled={change.isPending} onClick={() => set(null)}>
              Switch it off
            </button>
          )}
          <button type="submit" className="primary" disabled={change.isPending}>
            {chaos === undefined ? 'Switch it on' : 'Change it'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function chaosOf(form: FormData): Chaos {
  const reply = String(form.get('reply') ?? '').trim();
  return {
    percent: Number(form.get('percent')),
    at: form.get('at') === 'dot' ? 'dot' : 'rcpt',
    delayMs: Number(form.get('delayMs')),
    ...(reply !== '' && { reply }),
  };
}
