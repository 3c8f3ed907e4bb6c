import { isUtf8 } from 'node:buffer';

/**
 * The fields of a request by name, whatever form they came in: JSON values; octets where they came in a form, since a
 * MIME message is octets; uploads.
 */
export type Fields = Readonly<Record<string, unknown>>;

/** A file of a multipart form. */
export interface Upload {
  readonly filename: string;
  /** As the client has it; absent: it said nothing. */
  readonly type?: string;
  readonly octets: Buffer;
}

/** Whether a field means nothing: null and `''` are as good as absent. */
export function isAbsent(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Buffer.isBuffer(value) && value.length === 0)
  );
}

/** The text of a value, `''` when absent; undefined when it is none, as a list is. */
export function textOf(value: unknown): string | undefined {
  if (isAbsent(value)) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const octets = octetsOf(value);
  // Clients of an age before UTF-8 are still about.
  return octets?.toString(isUtf8(octets) ? 'utf8' : 'latin1');
}

/** The octets of a text or a file; undefined when the value is neither. */
export function octetsOf(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value;
  if (isUpload(value)) return value.octets;
  return typeof value === 'string' ? Buffer.from(value) : undefined;
}

/** Whether a value is a file of a form; no JSON can look like one. */
export function isUpload(value: unknown): value is Upload {
  return typeof value === 'object' && value !== null && 'octets' in value && Buffer.isBuffer(value.octets);
}

/** Whether a value is an object with fields of its own. */
export function isRecord(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !Buffer.isBuffer(value) &&
    !isUpload(value)
  );
}

/** The items of a list; those of an object too, which is what PHP makes of a list with gaps. */
export function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : undefined;
}
