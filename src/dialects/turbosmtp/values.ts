import { isUtf8 } from 'node:buffer';

/**
 * The fields of a request by name. Their values are JSON values, uploads, or bytes if they come from a form, because a
 * MIME message in a form is bytes.
 */
export type Fields = Readonly<Record<string, unknown>>;

/** A file of a multipart form. */
export interface Upload {
  readonly filename: string;
  /** The Content-Type of the part; absent if the client sent none. */
  readonly type?: string;
  readonly octets: Buffer;
}

/** Returns true if a field is absent. Null and `''` also mean absent. */
export function isAbsent(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Buffer.isBuffer(value) && value.length === 0)
  );
}

/** The text of a value; `''` if it is absent, undefined if it has no text, such as a list. */
export function textOf(value: unknown): string | undefined {
  if (isAbsent(value)) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const octets = octetsOf(value);
  // Some old clients send Latin-1.
  return octets?.toString(isUtf8(octets) ? 'utf8' : 'latin1');
}

/** The bytes of a text or a file; undefined for other values. */
export function octetsOf(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value;
  if (isUpload(value)) return value.octets;
  return typeof value === 'string' ? Buffer.from(value) : undefined;
}

/** Returns true for a file of a form. A JSON value never contains a Buffer. */
export function isUpload(value: unknown): value is Upload {
  return typeof value === 'object' && value !== null && 'octets' in value && Buffer.isBuffer(value.octets);
}

/** Returns true for an object with named fields. */
export function isRecord(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !Buffer.isBuffer(value) &&
    !isUpload(value)
  );
}

/** The items of a list. PHP writes a list with gaps as an object, so the values of an object count too. */
export function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : undefined;
}
