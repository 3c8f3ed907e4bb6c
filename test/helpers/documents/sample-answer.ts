type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * How an answer differs from the one that a document shows; each difference is a sentence. Fields that the document
 * leaves out may be there. Texts with digits (ids, times) and numbers differ each time: only their type is compared. A
 * list that is shown may be the beginning of a longer one.
 */
export function differences(shown: Json, found: Json | undefined, path = '$'): readonly string[] {
  if (typeOf(shown) !== typeOf(found)) return [`${path} is ${typeOf(found)}, not ${typeOf(shown)}`];
  if (Array.isArray(shown)) return shown.flatMap((one, i) => differences(one, at(found, i), `${path}[${i}]`));
  if (typeof shown === 'object' && shown !== null) {
    return Object.entries(shown).flatMap(([name, value]) =>
      differences(value, at(found, name), `${path}.${name}`),
    );
  }
  const isOwn = typeof shown === 'number' || (typeof shown === 'string' && /\d/.test(shown));
  return isOwn || shown === found
    ? []
    : [`${path} is ${JSON.stringify(found)}, not ${JSON.stringify(shown)}`];
}

function typeOf(value: Json | undefined): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value;
}

function at(value: Json | undefined, key: string | number): Json | undefined {
  return (value as Readonly<Record<string, Json>> | undefined)?.[key];
}
