import { useState } from 'react';

/** Copies a text, and says that it did. */
export function CopyButton({ text, children }: { readonly text: string; readonly children: string }) {
  const [said, say] = useState('');
  const copy = async () => {
    const isCopied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    // Without TLS browsers lend the clipboard to loopback alone.
    say(isCopied ? 'Copied' : 'Mark the text and copy it');
    setTimeout(say, 2_000, '');
  };
  return (
    <button type="button" onClick={copy}>
      <span aria-live="polite">{said || children}</span>
    </button>
  );
}
