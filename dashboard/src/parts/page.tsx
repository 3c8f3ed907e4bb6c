import { type ReactNode, useEffect, useRef } from 'react';
import { LostNotice } from './lost-notice.tsx';

export interface PageProps {
  readonly title: string;
  /** Buttons next to the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page with its heading, which gets the focus when the page opens. */
export function Page({ title, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Postern`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <main id="main">
      <div className="page-head">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {actions !== undefined && actions !== false && <div className="actions">{actions}</div>}
      </div>
      <LostNotice />
      {children}
    </main>
  );
}
