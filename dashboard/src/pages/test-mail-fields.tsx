import type { Provider } from '../data/shapes.ts';
import { problemOf } from '../parts/action.tsx';
import { Field } from '../parts/field.tsx';

export interface TestMailFieldsProps {
  readonly provider: Provider | undefined;
  readonly error: Error | null;
}

/** The recipient and the sender of a test message. Without a recipient, no message is sent. */
export function TestMailFields({ provider, error }: TestMailFieldsProps) {
  const from = provider?.sendFrom ?? '';
  return (
    <div className="form-grid">
      <Field
        label="Send a test message to"
        hint="Empty = test the connection only"
        problem={problemOf(error, 'mailTo')}
      >
        <input name="mailTo" type="email" autoComplete="email" placeholder="you@example.com" />
      </Field>
      <Field
        label="From"
        hint={from === '' ? 'Empty = the default sender or the user name' : `Empty = ${from}`}
        problem={problemOf(error, 'mailFrom')}
      >
        <input name="mailFrom" type="email" autoComplete="off" />
      </Field>
    </div>
  );
}

/** The fields as a part of the request body. */
export function testMailOf(form: FormData): object {
  const fields = ['mailTo', 'mailFrom'].map(name => [name, String(form.get(name) ?? '').trim()] as const);
  const filled = Object.fromEntries(fields.filter(([, value]) => value !== ''));
  // A sender without a recipient has no effect.
  return 'mailTo' in filled ? filled : {};
}
