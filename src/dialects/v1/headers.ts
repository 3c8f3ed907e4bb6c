import {
  checkHeaderFields,
  checkHeaderValue,
  isDeniedHeaderName,
  isHeaderName,
} from '../../core/header-names.ts';
import type { HeaderField } from '../../core/message.ts';
import { isObject } from './json-body.ts';
import type { Problems } from './problems.ts';

/** Reads header fields, an object of texts or a list of `{name, value}`, and says what is wrong with which. */
export function readHeaders(value: unknown, problems: Problems): readonly HeaderField[] {
  if (value === undefined) return [];
  const fields = Array.isArray(value)
    ? value.flatMap((item, index) => readListed(item, `headers[${index}]`, problems))
    : isObject(value)
      ? Object.entries(value).flatMap(([name, text]) => readField(name, text, `headers.${name}`, problems))
      : undefined;
  if (fields === undefined)
    problems.add('headers', 'must be an object of texts, or a list of objects with name and value');
  const checked = checkHeaderFields(fields ?? []);
  if (checked.ok) return checked.value;
  problems.add('headers', checked.reason);
  return [];
}

function readListed(item: unknown, field: string, problems: Problems): HeaderField[] {
  if (isObject(item)) {
    const { name, value, ...others } = item;
    if (typeof name === 'string' && Object.keys(others).length === 0)
      return readField(name, value, field, problems);
  }
  problems.add(field, 'must be an object with name and value, and nothing else');
  return [];
}

function readField(name: string, value: unknown, field: string, problems: Problems): HeaderField[] {
  if (value === null || value === '') return [];
  if (!isHeaderName(name)) problems.add(field, `${JSON.stringify(name.slice(0, 100))} is not a header name`);
  else if (isDeniedHeaderName(name)) problems.add(field, `the header ${name} cannot be set here`);
  else if (typeof value !== 'string') problems.add(field, 'must be text');
  else {
    const checked = checkHeaderValue(value);
    if (checked.ok) return [{ name, value: checked.value }];
    problems.add(field, checked.reason);
  }
  return [];
}
