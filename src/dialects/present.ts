type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Removes the fields that are undefined: with exactOptionalPropertyTypes an absent field must not exist. */
export function present<T extends object>(fields: T): Present<T> {
  const result: Present<T> = {};
  for (const name in fields) {
    if (fields[name] !== undefined) result[name] = fields[name] as Present<T>[typeof name];
  }
  return result;
}
