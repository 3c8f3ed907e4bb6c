import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../data/api.ts';
import { useMay } from '../data/session.ts';
import type { AddressRules } from '../data/shapes.ts';
import { problemOf, useCall } from '../parts/action.tsx';
import { Dialog, SubmitFoot } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Fetched } from '../parts/notice.tsx';

/** The page shows this many entries of the block list, and only the number of the others. */
const SHOWN_ENTRIES = 8;

/** The quotas and the block list of all temp-mail addresses together. */
export function AddressPolicy() {
  const mayEdit = useMay('admin');
  const [isEditing, edit] = useState(false);
  const rules = useQuery({
    queryKey: ['temp-mail'],
    queryFn: () => call<AddressRules>('GET', '/v1/temp-mail'),
  });
  return (
    <section className="card" aria-labelledby="rules">
      <div className="card-head">
        <h2 id="rules">Limits for all addresses</h2>
        {mayEdit && (
          <button type="button" className="small" disabled={!rules.data} onClick={() => edit(true)}>
            Quotas and block list…
          </button>
        )}
      </div>
      <Fetched query={rules} rows={1}>
        {data => <Rules rules={data} />}
      </Fetched>
      {isEditing && rules.data !== undefined && (
        <RulesDialog rules={rules.data} onClose={() => edit(false)} />
      )}
    </section>
  );
}

function Rules({ rules: { blockList, maxPerDay, maxPerMonth } }: { readonly rules: AddressRules }) {
  const more = blockList.length - SHOWN_ENTRIES;
  return (
    <dl className="facts">
      <div>
        <dt>Daily quota</dt>
        <dd>{quotaText(maxPerDay)}</dd>
      </div>
      <div>
        <dt>Monthly quota</dt>
        <dd>{quotaText(maxPerMonth)}</dd>
      </div>
      <div>
        <dt>Block list</dt>
        <dd>
          {blockList.length === 0
            ? 'Empty'
            : blockList.slice(0, SHOWN_ENTRIES).map(entry => (
                <code key={entry} className="chip">
                  {entry}
                </code>
              ))}
          {more > 0 && ` and ${more.toLocaleString()} more`}
        </dd>
      </div>
    </dl>
  );
}

function quotaText(max: number | null): string {
  if (max === null) return 'No quota';
  return max === 0 ? 'Sending is blocked' : `${max.toLocaleString()} recipients`;
}

interface RulesDialogProps {
  readonly rules: AddressRules;
  readonly onClose: () => void;
}

function RulesDialog({ rules, onClose }: RulesDialogProps) {
  const save = useCall(onClose);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate({ method: 'PATCH', path: '/v1/temp-mail', body: rulesOf(new FormData(event.currentTarget)) });
  };
  return (
    <Dialog title="Quotas and block list" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="form-grid">
          <Field
            label="Recipients per day"
            hint="All addresses together, in one calendar day (UTC)"
            problem={problemOf(save.error, 'maxPerDay')}
          >
            <input
              name="maxPerDay"
              type="number"
              min={0}
              placeholder="No quota"
              defaultValue={rules.maxPerDay ?? ''}
            />
          </Field>
          <Field
            label="Recipients per month"
            hint="0 = sending is blocked"
            problem={problemOf(save.error, 'maxPerMonth')}
          >
            <input
              name="maxPerMonth"
              type="number"
              min={0}
              placeholder="No quota"
              defaultValue={rules.maxPerMonth ?? ''}
            />
          </Field>
        </div>
        <Field
          label="Block list"
          hint="One entry per line. A recipient that contains an entry is refused. Case is ignored."
          problem={problemOf(save.error, 'blockList')}
        >
          <textarea name="blockList" rows={8} defaultValue={rules.blockList.join('\n')} />
        </Field>
        <SubmitFoot call={save} busy="Saving…">
          Save
        </SubmitFoot>
      </form>
    </Dialog>
  );
}

function rulesOf(form: FormData): AddressRules {
  const quota = (name: string) => {
    const text = String(form.get(name) ?? '').trim();
    return text === '' ? null : Number(text);
  };
  const entries = String(form.get('blockList') ?? '')
    .split('\n')
    .map(entry => entry.trim())
    .filter(entry => entry !== '');
  return {
    maxPerDay: quota('maxPerDay'),
    maxPerMonth: quota('maxPerMonth'),
    blockList: [...new Set(entries)],
  };
}
