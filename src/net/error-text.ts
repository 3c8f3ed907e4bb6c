const MAX_LENGTH = 500;

const TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EPIPE: 'connection closed by peer',
  ECONNABORTED: 'connection aborted',
  ETIMEDOUT: 'connection timed out',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host name not found',
  ENODATA: 'host name has no address',
  EAI_AGAIN: 'temporary failure in name resolution',
};

/** Node.js ends some certificate errors with advice about its command line, which does not help the operator of a gate. */
const ADVICE = /; if the root CA is installed locally.*$/;

/** Describes a connection error for an event or a log: at most 500 characters, without control characters. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return plainText(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return (
    (code !== undefined && TEXTS[code]) ||
    plainText((reasonOf(error) ?? (error.message || code || error.name)).replace(ADVICE, ''))
  );
}

/** Returns only the reason of an OpenSSL error such as `406D…:error:0A000438:SSL routines:…:reason`. */
function reasonOf(error: Error): string | undefined {
  if (!error.message.includes(':error:') || !('reason' in error)) return undefined;
  return typeof error.reason === 'string' ? error.reason : undefined;
}

/** Makes a text from outside safe to store and show: tabs become spaces, other controls U+FFFD, at most 500 characters. */
export function plainText(text: string): string {
  const safe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text)
    ? text.replace(/\t/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd')
    : text;
  if (safe.length <= MAX_LENGTH) return safe;
  const cut = safe.slice(0, MAX_LENGTH);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
