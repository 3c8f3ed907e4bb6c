/** Bytes of a sealing key: AES-256. */
export const SECRET_KEY_BYTES = 32;

/** The keys of a text, the newest first, with commas or blanks between; undefined when one of them is not a key. */
export function parseSecretKeys(text: string): readonly [Buffer, ...Buffer[]] | undefined {
  const keys = text
    .split(/[\s,]+/)
    .filter(part => part !== '')
    .map(parseSecretKey);
  const [newest, ...older] = keys.filter(key => key !== undefined);
  return newest !== undefined && older.length + 1 === keys.length ? [newest, ...older] : undefined;
}

/** The key that a text holds, in base64 (either alphabet) or hex; undefined when it holds none. */
function parseSecretKey(text: string): Buffer | undefined {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return undefined;
  const key = Buffer.from(trimmed, 'base64');
  return key.length === SECRET_KEY_BYTES ? key : undefined;
}
