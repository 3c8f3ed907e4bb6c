import { useState } from 'react';
import type { Parts } from '../data/shapes.ts';
import { apiLabel } from '../labels.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Fetched } from '../parts/notice.tsx';
import { CURL_DIALECTS, type CurlDialect, curlFor } from './curl.ts';
import { useParts } from './message-content.tsx';

/** Shows, for each API, a curl command that sends the same message. */
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
        {CURL_DIALECTS.map(name => (
          <label key={name}>
            <input type="radio" name="dialect" checked={name === dialect} onChange={() => choose(name)} />{' '}
            {apiLabel(name)}
          </label>
        ))}
      </fieldset>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable with the keyboard */}
      <pre tabIndex={0}>{command}</pre>
      <p className="hint">
        The command sends the text of the message, without HTML and attachments. Set its variables first:{' '}
        <code>$POSTERN_KEY</code> is a key of the account.
      </p>
      <div className="dialog-foot">
        <CopyButton text={command}>Copy</CopyButton>
      </div>
    </>
  );
}
