import { isTooDeep } from '../json-depth.ts';

/** Parses a JSON text. Undefined if it is malformed or nested too deeply. */
export function parseJsonText(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
