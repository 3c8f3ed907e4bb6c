import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { call } from '../data/api.ts';
import { providerName, useProviders } from '../data/lists.ts';
import { fullStateLabel } from '../labels.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Failure } from '../parts/notice.tsx';
import { parseSearch } from './message-filter.ts';

export type BulkVerb = 'retry' | 'cancel';

interface Count {
  readonly count: number;
  readonly isExact: boolean;
}

interface Progress {
  readonly done: number;
  readonly skipped: number;
  readonly isOver: boolean;
}

interface Step {
  readonly done: number;
  readonly skipped: number;
  readonly next: string | null;
}

const TITLES: Readonly<Record<BulkVerb, string>> = { retry: 'Bulk retry', cancel: 'Bulk cancel' };
const VERBS: Readonly<Record<BulkVerb, string>> = { retry: 'Retry', cancel: 'Cancel' };
const STATES: Readonly<Record<BulkVerb, readonly string[]>> = {
  retry: ['deferred', 'failed', 'bounced', 'expired', 'unknown'],
  cancel: ['queued', 'deferred'],
};

/** Retries or cancels all messages that match a filter: first it shows their number, then the progress. */
export function BulkDialog({ verb, onClose }: { readonly verb: BulkVerb; readonly onClose: () => void }) {
  const client = useQueryClient();
  const [filter, setFilter] = useState<object>();
  const [progress, setProgress] = useState<Progress>();
  const path = `/v1/messages/${verb}`;
  const count = useMutation({
    mutationFn: (body: object) => call<Count>('POST', path, { filter: body, dryRun: true }),
  });
  const run = useMutation({
    mutationFn: async () => {
      let [done, skipped, cursor]: [number, number, string | null] = [0, 0, null];
      do {
        const body: object = { filter, ...(cursor !== null && { cursor }) };
        const step: Step = await call<Step>('POST', path, body);
        [done, skipped, cursor] = [done + step.done, skipped + step.skipped, step.next];
        setProgress({ done, skipped, isOver: cursor === null });
      } while (cursor !== null);
    },
    onSettled: () => client.invalidateQueries(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const chosen = filterOf(new FormData(event.currentTarget));
    setFilter(chosen);
    count.mutate(chosen);
  };
  const error = count.error ?? run.error;
  return (
    <Dialog title={TITLES[verb]} onClose={onClose}>
      <form onSubmit={submit} onChange={() => count.reset()}>
        <FilterFields states={STATES[verb]} />
        {error !== null && <Failure error={error} />}
        {count.data !== undefined && progress === undefined && <p role="status">{countText(count.data)}</p>}
        {progress !== undefined && <ProgressBar progress={progress} count={count.data?.count ?? 0} />}
        <div className="dialog-foot">
          {count.data === undefined && (
            <button type="submit" disabled={count.isPending}>
              {count.isPending ? 'Counting…' : 'Preview'}
            </button>
          )}
          {count.data !== undefined && count.data.count > 0 && progress === undefined && (
            <button type="button" className="primary" onClick={() => run.mutate()}>
              {VERBS[verb]} {messagesText(count.data)}
            </button>
          )}
          {progress?.isOver === true && (
            <button type="button" className="primary" onClick={onClose}>
              Done
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

function FilterFields({ states }: { readonly states: readonly string[] }) {
  const { data: providers = [] } = useProviders();
  return (
    <div className="form-grid">
      <Field label="State">
        <select name="state">
          {states.map(state => (
            <option key={state} value={state}>
              {fullStateLabel(state)}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Provider">
        <select name="provider">
          <option value="">Any provider</option>
          {providers.map(provider => (
            <option key={provider.id} value={provider.id}>
              {providerName(provider)}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Search" hint="Recipient, @domain, from:, tag: or subject">
        <input name="search" />
      </Field>
    </div>
  );
}

function ProgressBar({ progress, count }: { readonly progress: Progress; readonly count: number }) {
  const { done, skipped, isOver } = progress;
  return (
    <div role="status" className="stack">
      <progress
        aria-label="Progress"
        max={Math.max(count, done + skipped)}
        value={isOver ? Math.max(count, done + skipped) : done + skipped}
      />
      <p>
        {done.toLocaleString()} done
        {skipped > 0 && `, ${skipped.toLocaleString()} skipped because their state had changed`}
      </p>
    </div>
  );
}

function filterOf(form: FormData): object {
  const [state, provider] = [form.get('state'), form.get('provider')];
  return {
    ...parseSearch(String(form.get('search') ?? '')),
    state,
    ...(provider !== '' && { provider: Number(provider) }),
  };
}

function countText(found: Count): string {
  if (found.count === 0) return 'No messages match.';
  const verb = found.count === 1 && found.isExact ? 'matches' : 'match';
  return `${found.isExact ? '' : 'More than '}${messagesText(found)} ${verb}.`;
}

function messagesText({ count, isExact }: Count): string {
  if (!isExact) return `${count.toLocaleString()} messages`;
  return count === 1 ? '1 message' : `${count.toLocaleString()} messages`;
}
