import type { FormEvent } from 'react';
import { ApiError } from '../data/api.ts';
import type { Chaos, Provider } from '../data/shapes.ts';
import { useCall } from '../parts/action.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Failure } from '../parts/notice.tsx';
import { duration } from '../parts/time.tsx';

/** Shows that the inbox simulates failures. */
export function ChaosNote({ chaos: { percent, reply, delayMs } }: { readonly chaos: Chaos }) {
  const effects = [
    ...(reply === undefined ? [] : [`get the reply ${reply}`]),
    ...(delayMs > 0 ? [`are delayed by ${duration(delayMs)}`] : []),
  ];
  return (
    <p className="why">
      <strong>Chaos is enabled:</strong> {percent} % of the messages {effects.join(' and ')}.
    </p>
  );
}

/** Makes the inbox refuse or delay mail, to test how an application reacts. */
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
    <Dialog title="Chaos: simulate failures" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="form-grid">
          <Field label="Messages (%)" problem={problemOf('percent')}>
            <input
              name="percent"
              type="number"
              min={1}
              max={100}
              required
              defaultValue={chaos?.percent ?? 100}
            />
          </Field>
          <Field label="Delay (ms)" problem={problemOf('delayMs')}>
            <input name="delayMs" type="number" min={0} max={10_000} defaultValue={chaos?.delayMs ?? 0} />
          </Field>
          <Field label="Fail at" problem={problemOf('at')}>
            <select name="at" defaultValue={chaos?.at ?? 'rcpt'}>
              <option value="rcpt">recipient (RCPT TO)</option>
              <option value="dot">end of data</option>
            </select>
          </Field>
        </div>
        <Field
          label="Reply"
          hint="4xx: the message is retried. 5xx: it bounces. Empty: only the delay."
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
              Disable
            </button>
          )}
          <button type="submit" className="primary" disabled={change.isPending}>
            {chaos === undefined ? 'Enable' : 'Save'}
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
