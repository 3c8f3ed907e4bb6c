/** Markup that is known to be safe: made by `html` alone. */
export interface Html {
  readonly markup: string;
}

type Value = string | number | Html | readonly Html[];

/** Writes markup; every value is escaped as text, for content and for quoted attributes, unless it is Html itself. */
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
