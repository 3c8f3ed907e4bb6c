import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';

/** A secret with a copy button; `children` explains its use. */
export function Secret({ secret, children }: { readonly secret: string; readonly children: ReactNode }) {
  return (
    <div className="secret" role="status">
      <p>{children}</p>
      <code className="secret-text">{secret}</code>
      <div>
        <CopyButton text={secret}>Copy</CopyButton>
      </div>
    </div>
  );
}
