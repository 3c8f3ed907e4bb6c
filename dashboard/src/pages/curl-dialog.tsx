import { useState } from 'react';
import type { Parts } from '../data/shapes.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Fetched } from '../parts/notice.tsx';
import { CURL_DIALECTS, type CurlDialect, curlFor } from './curl.ts';
import { useParts } from './message-content.tsx';

/** Shows the command that sends a message like this one, in the way of each API. */
export function CurlDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const parts = useParts(id);
  return (
    <Dialog title="Copy as curl" onClose={onClose}>
      <Fetched query={parts}>{data => <Command parts={data} />}</Fetched>
    </Dialog>
  );
}

function Command({ parts }: { readonly parts: Parts }) {
  const [dialect, choose] = useState<CurlDialect>('v1');
  const command = curlFor(dialect, parts, location.origin);
  return (
    <>
      <fieldset className="choices">
        <legend className="visually-hidden">API</legend>
        {CURL_DIALECTS.map(({ name, caption }) => (
          <label key={name}>
            <input type="radio" name="dialect" checked={name === dialect} onChange={() => choose(name)} />{' '}
            {caption}
          </label>
        ))}
      </fieldset>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{command}</pre>
      <p className="hint">
        With the text of the message, without HTML and attachments. Set <code>$POSTERN_KEY</code> to a key of
        the account.
      </p>
      <div className="dialog-foot">
        <CopyButton text={command}>Copy</CopyButton>
      </div>
    </>
  );
}
