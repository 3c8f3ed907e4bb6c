import { isTooDeep } from '../json-depth.ts';

/** The value of a JSON text; undefined when it is none, or nests too deep. */
export function parseJsonText(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // JSON.parse has no other way to say so
  }
}
