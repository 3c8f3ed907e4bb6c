/** The size of a sealing key (AES-256). */
export const SECRET_KEY_BYTES = 32;

/** Parses keys that are separated by commas or white space, the newest first. Undefined if one of them is invalid. */
export function parseSecretKeys(text: string): readonly [Buffer, ...Buffer[]] | undefined {
  const keys = text
    .split(/[\s,]+/)
    .filter(part => part !== '')
    .map(parseSecretKey);
  const [newest, ...older] = keys.filter(key => key !== undefined);
  return newest !== undefined && older.length + 1 === keys.length ? [newest, ...older] : undefined;
}

/** Parses a key in base64, base64url or hex. Undefined if it is invalid. */
function parseSecretKey(text: string): Buffer | undefined {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return undefined;
  const key = Buffer.from(trimmed, 'base64');
  return key.length === SECRET_KEY_BYTES ? key : undefined;
}
