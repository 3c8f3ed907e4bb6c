/** Safe markup. Only the function `html` creates it. */
export interface Html {
  readonly markup: string;
}

type Value = string | number | Html | readonly Html[];

/** Creates markup. It escapes all values that are not Html, for text content and for quoted attributes. */
export function html(pieces: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { markup: pieces.reduce((text, piece, index) => text + toMarkup(values[index - 1] ?? '') + piece) };
}

function toMarkup(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value));
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
