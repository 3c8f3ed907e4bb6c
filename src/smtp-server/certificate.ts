import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';

export interface CertificateFiles {
  /** Paths of PEM files: the chain, and its private key. */
  readonly certificateFile: string;
  readonly certificateKeyFile: string;
}

/** Returns the certificate for the next connection. */
export type Certificate = () => SecureContext;

/**
 * Loads a certificate, and loads it again when its files have changed. If the new files are invalid, it uses the last good
 * certificate: a program may have written only one of the two files so far. At the start, invalid files are an error.
 */
export function watchCertificate(files: CertificateFiles, onProblem: (error: unknown) => void): Certificate {
  let seen = stateOf(files);
  let context = load(files);
  return () => {
    try {
      const state = stateOf(files);
      if (state === seen) return context;
      seen = state;
      context = load(files);
    } catch (error) {
      onProblem(error);
    }
    return context;
  };
}

function load({ certificateFile, certificateKeyFile }: CertificateFiles): SecureContext {
  return createSecureContext({
    cert: readFileSync(certificateFile),
    key: readFileSync(certificateKeyFile),
    minVersion: 'TLSv1.2',
  });
}

/** Returns a text that changes when one of the files is written or replaced. */
function stateOf({ certificateFile, certificateKeyFile }: CertificateFiles): string {
  return [certificateFile, certificateKeyFile]
    .map(path => statSync(path))
    .map(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`)
    .join();
}
