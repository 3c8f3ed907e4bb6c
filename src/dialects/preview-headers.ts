import type { DialectReply } from './dialect.ts';

/** The policy of a mail's own HTML: it may look as it wants to, and reach nothing. */
export const PREVIEW_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Somebody's file: whatever it claims to be, a browser saves it. */
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
