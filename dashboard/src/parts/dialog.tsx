import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Failure } from './notice.tsx';

export interface DialogProps {
  readonly title: string;
  /** Called on Escape or the close button. A click outside does not close it, so that no input is lost. */
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog: it keeps the keyboard focus, and returns the focus when it closes. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    ref.current?.showModal();
  }, []);
  return (
    <dialog ref={ref} aria-labelledby={titleId} onClose={onClose}>
      <header className="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" className="quiet" aria-label="Close" onClick={() => ref.current?.close()}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  );
}

export interface SubmitFootProps {
  /** State of the call that the submit button makes. */
  readonly call: { readonly error: Error | null; readonly isPending: boolean };
  /** Label of the button while the call is in progress. */
  readonly busy: string;
  readonly children: ReactNode;
}

/** The end of a dialog with a form: the error, if any, and the submit button. */
export function SubmitFoot({ call, busy, children }: SubmitFootProps) {
  return (
    <>
      {call.error !== null && <Failure error={call.error} />}
      <div className="dialog-foot">
        <button type="submit" className="primary" disabled={call.isPending}>
          {call.isPending ? busy : children}
        </button>
      </div>
    </>
  );
}
