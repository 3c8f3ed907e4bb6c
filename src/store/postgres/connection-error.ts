/** What is wrong with a server's certificate, by the code of the TLS library. */
const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]);

/** Says in a sentence why no connection came about, and what to do, where the error itself does not. */
export function explainConnection(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const sentence = sentenceOf('code' in error ? String(error.code) : '', error.message);
  return sentence === undefined ? error : new Error(sentence, { cause: error });
}

function sentenceOf(code: string, message: string): string | undefined {
  if (UNTRUSTED.has(code))
    return `Its certificate is of an authority that is not trusted (${message}): name the right one with sslrootcert=FILE.`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `Its certificate is for another host: ${message} Connect by a name that it has.`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return `Its certificate is not valid at this time (${message}).`;
  if (message === 'The server does not support SSL connections')
    return 'It offers no TLS, which sslmode asks for.';
  return undefined;
}
