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

/** The webhook of an account: its URL and its events. */
export function WebhookFields({ webhook, error }: WebhookFieldsProps) {
  return (
    <fieldset className="group stack">
      <legend>Webhook</legend>
      <Field
        label="URL"
        hint={
          webhook === null
            ? 'Each event is sent to this URL as a signed POST request. The signing secret is shown once.'
            : 'Leave empty to remove the webhook. A new URL gets a new signing secret.'
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
        <legend className="hint">Events (none selected = all)</legend>
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
          <input type="checkbox" name="rotateSecret" /> Rotate signing secret (the old one becomes invalid)
        </label>
      )}
    </fieldset>
  );
}
