import type { DialectReply } from './dialect.ts';

/** The headers for the HTML part of a message. It may use styles, but no scripts and no network. */
export const PREVIEW_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** A reply with a file from a message. Browsers save it and never display it, whatever type it claims. */
export function download(content: Buffer, filename: string): DialectReply {
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename.toWellFormed()).replaceAll("'", '%27')}`,
      'x-content-type-options': 'nosniff',
    },
    body: content,
  };
}
