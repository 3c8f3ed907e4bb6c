import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Failure } from './notice.tsx';

export interface DialogProps {
  readonly title: string;
  /** Called on Escape or the cross: not on a press beside it, by which what was filled in would be lost. */
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A window above the page that keeps the keyboard, and gives it back where it was when closed. */
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
  /** What the form's button does, and how it went. */
  readonly call: { readonly error: Error | null; readonly isPending: boolean };
  /** What the button says meanwhile. */
  readonly busy: string;
  readonly children: ReactNode;
}

/** The end of a dialog that is a form: what went wrong, and the one button that hands it in. */
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
