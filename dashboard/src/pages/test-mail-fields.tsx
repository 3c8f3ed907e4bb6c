import type { Provider } from '../data/shapes.ts';
import { problemOf } from '../parts/action.tsx';
import { Field } from '../parts/field.tsx';

export interface TestMailFieldsProps {
  readonly provider: Provider | undefined;
  readonly error: Error | null;
}

/** Asks whom a test mail shall go to; without a recipient there is none. */
export function TestMailFields({ provider, error }: TestMailFieldsProps) {
  const from = provider?.sendFrom ?? '';
  return (
    <div className="form-grid">
      <Field
        label="Send a test mail to"
        hint="Empty: only the connection is tried"
        problem={problemOf(error, 'mailTo')}
      >
        <input name="mailTo" type="email" autoComplete="email" placeholder="you@example.com" />
      </Field>
      <Field
        label="From"
        hint={from === '' ? 'Empty: the default sender, or the user name' : `Empty: ${from}`}
        problem={problemOf(error, 'mailFrom')}
      >
        <input name="mailFrom" type="email" autoComplete="off" />
      </Field>
    </div>
  );
}

/** What the fields say, for the body of a check. */
export function testMailOf(form: FormData): object {
  const fields = ['mailTo', 'mailFrom'].map(name => [name, String(form.get(name) ?? '').trim()] as const);
  const given = Object.fromEntries(fields.filter(([, value]) => value !== ''));
  // A sender alone asks for nothing.
  return 'mailTo' in given ? given : {};
}
