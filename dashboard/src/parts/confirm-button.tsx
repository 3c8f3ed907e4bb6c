import { useState } from 'react';

export interface ConfirmButtonProps {
  /** Such as `Remove`; pressed once, it asks. */
  readonly verb: string;
  /** What it is done to, for screen readers. */
  readonly what: string;
  /** Why it cannot be done now; absent: it can. */
  readonly obstacle?: string | undefined;
  readonly isBusy?: boolean;
  readonly isSmall?: boolean;
  readonly onConfirm: () => void;
}

/** A button for what cannot be undone: it must be pressed twice, and forgets the first time when left. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { verb, what, obstacle, isBusy = false, isSmall = true, onConfirm } = props;
  const [isAsked, ask] = useState(false);
  const press = () => {
    if (isAsked) onConfirm();
    ask(!isAsked);
  };
  return (
    <button
      type="button"
      className={`danger${isSmall ? ' small' : ''}${isAsked ? ' asked' : ''}`}
      aria-label={`${isAsked ? `Really ${verb.toLowerCase()}` : verb} ${what}`}
      title={obstacle}
      disabled={isBusy || obstacle !== undefined}
      onClick={press}
      onBlur={() => ask(false)}
    >
      {isAsked ? `Really ${verb.toLowerCase()}` : `${verb}…`}
    </button>
  );
}
