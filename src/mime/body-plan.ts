import type { Attachment, Content } from '../core/message.ts';

/** A node of the tree of MIME parts. */
export type Part =
  | { readonly kind: 'text'; readonly subtype: 'plain' | 'html'; readonly text: string }
  | { readonly kind: 'file'; readonly file: Attachment; readonly isInline: boolean }
  | {
      readonly kind: 'multipart';
      readonly subtype: 'alternative' | 'related' | 'mixed';
      readonly parts: readonly Part[];
    };

/**
 * Plans the parts of a message. Text and html go in multipart/alternative, the best form last (RFC 2046 5.1.4). Files that
 * html refers to go with it in multipart/related. Other files follow in multipart/mixed.
 */
export function planBody(content: Content): Part {
  const html = planHtml(content);
  const readable: Part[] = [];
  if (content.text !== undefined || html === undefined) readable.push(textPart('plain', content.text ?? ''));
  if (html !== undefined) readable.push(html);
  const files = content.attachments.filter(file => html === undefined || file.cid === undefined);
  const body = multipart('alternative', readable);
  return multipart('mixed', [body, ...files.map(file => filePart(file, false))]);
}

function planHtml(content: Content): Part | undefined {
  if (content.html === undefined) return undefined;
  const inline = content.attachments.filter(file => file.cid !== undefined);
  return multipart('related', [textPart('html', content.html), ...inline.map(file => filePart(file, true))]);
}

/** Wraps several parts in a multipart. A single part stays as it is. */
function multipart(subtype: 'alternative' | 'related' | 'mixed', parts: readonly Part[]): Part {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind: 'multipart', subtype, parts };
}

function textPart(subtype: 'plain' | 'html', text: string): Part {
  return { kind: 'text', subtype, text };
}

function filePart(file: Attachment, isInline: boolean): Part {
  return { kind: 'file', file, isInline };
}
