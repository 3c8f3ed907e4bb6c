import type { Account } from '../data/shapes.ts';
import { problemOf } from '../parts/action.tsx';
import { Field } from '../parts/field.tsx';

const EVENTS = [
  'accepted',
  'delivered',
  'deferred',
  'bounced',
  'failed',
  'expired',
  'cancelled',
  'unknown',
  'retried',
];

export interface WebhookFieldsProps {
  readonly webhook: Account['webhook'];
  readonly error: Error | null;
}

/** Where the events of an account are posted, and which. */
export function WebhookFields({ webhook, error }: WebhookFieldsProps) {
  return (
    <fieldset className="group stack">
      <legend>Webhook</legend>
      <Field
        label="URL"
        hint={
          webhook === null
            ? 'Events are posted there, signed with a secret that is shown once. Empty: nowhere'
            : 'Empty: events are posted nowhere any more. A new URL gets a new secret'
        }
        problem={problemOf(error, 'webhook.url')}
      >
        <input
          name="webhookUrl"
          type="url"
          maxLength={2_000}
          placeholder="https://"
          defaultValue={webhook?.url ?? ''}
        />
      </Field>
      <fieldset className="choices">
        <legend className="hint">Only these events; none chosen: all</legend>
        {EVENTS.map(event => (
          <label key={event}>
            <input
              type="checkbox"
              name="webhookEvent"
              value={event}
              defaultChecked={webhook?.events.includes(event) ?? false}
            />{' '}
            {event}
          </label>
        ))}
      </fieldset>
      {webhook !== null && (
        <label>
          <input type="checkbox" name="rotateSecret" /> Make a new secret; the old one counts no more
        </label>
      )}
    </fieldset>
  );
}
