import { useState } from 'react';

export interface ConfirmButtonProps {
  /** Label of the button, such as `Remove`. */
  readonly verb: string;
  /** The object, such as `key "shop"`. The question names it, and so does the label for screen readers. */
  readonly what: string;
  /** Why the action is not possible now; absent: it is possible. */
  readonly obstacle?: string | undefined;
  readonly isBusy?: boolean;
  readonly isSmall?: boolean;
  readonly onConfirm: () => void;
}

/** A button for an action that cannot be undone. The first press asks, the second one acts; losing the focus resets it. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { verb, what, obstacle, isBusy = false, isSmall = true, onConfirm } = props;
  const [isAsking, setAsking] = useState(false);
  const press = () => {
    if (isAsking) onConfirm();
    setAsking(!isAsking);
  };
  return (
    <button
      type="button"
      className={`danger${isSmall ? ' small' : ''}${isAsking ? ' asked' : ''}`}
      aria-label={`${verb} ${what}${isAsking ? '?' : ''}`}
      title={obstacle}
      disabled={isBusy || obstacle !== undefined}
      onClick={press}
      onBlur={() => setAsking(false)}
    >
      {isAsking ? `${verb} ${what}?` : `${verb}…`}
    </button>
  );
}
