type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that are there: absent is a field's absence, never undefined (exactOptionalPropertyTypes). */
export function present<T extends object>(fields: T): Present<T> {
  const kept: Present<T> = {};
  for (const name in fields) {
    if (fields[name] !== undefined) kept[name] = fields[name] as Present<T>[typeof name];
  }
  return kept;
}
