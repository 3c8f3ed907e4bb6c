import { cloneElement, type ReactElement, useId } from 'react';

interface ControlProps {
  readonly id?: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: boolean;
}

export interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** Error message about the value. */
  readonly problem?: string | undefined;
  readonly children: ReactElement<ControlProps>;
}

/** A control with its label, hint and error message, connected for screen readers. */
export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {cloneElement(children, {
        id,
        ...(note !== undefined && { 'aria-describedby': `${id}-note` }),
        ...(problem !== undefined && { 'aria-invalid': true }),
      })}
      {note !== undefined && (
        <p id={`${id}-note`} className={problem === undefined ? 'hint' : 'problem'}>
          {note}
        </p>
      )}
    </div>
  );
}
