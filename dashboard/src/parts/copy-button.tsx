import { useState } from 'react';

/** Copies a text to the clipboard and shows the result. */
export function CopyButton({ text, children }: { readonly text: string; readonly children: string }) {
  const [result, setResult] = useState('');
  const copy = async () => {
    const isCopied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    // Without TLS, browsers allow access to the clipboard only on loopback addresses.
    setResult(isCopied ? 'Copied' : 'Not copied: select the text and copy it');
    setTimeout(setResult, 2_000, '');
  };
  return (
    <button type="button" onClick={copy}>
      <span aria-live="polite">{result || children}</span>
    </button>
  );
}
