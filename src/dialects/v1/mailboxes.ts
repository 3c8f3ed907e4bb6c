import type { Mailbox } from '../../core/address.ts';
import { mailboxOf, parseMailbox, parseMailboxList } from '../../core/mailbox.ts';
import type { Parsed } from '../../core/parsed.ts';
import { isObject } from './json-body.ts';
import type { Problems } from './problems.ts';

const FORMS = 'must be text such as "Name <a@b.example>" or an object with name and address';

/** Reads one mailbox, a text or an object; undefined when absent or bad. */
export function readMailbox(value: unknown, field: string, problems: Problems): Mailbox | undefined {
  if (value === undefined) return undefined;
  if (isObject(value)) return readObject(value, field, problems);
  if (typeof value !== 'string') problems.add(field, FORMS);
  else return unless(parseMailbox(value), field, problems);
  return undefined;
}

/** Reads a text (also a comma list), an object, or an array of both. */
export function readMailboxes(value: unknown, field: string, problems: Problems): readonly Mailbox[] {
  if (value === undefined) return [];
  if (Array.isArray(value))
    return value.flatMap((item, index) => readItem(item, `${field}[${index}]`, problems));
  return readItem(value, field, problems);
}

function readItem(value: unknown, field: string, problems: Problems): readonly Mailbox[] {
  if (typeof value === 'string') {
    const list = unless(parseMailboxList(value), field, problems);
    if (list?.length === 0) problems.add(field, 'must not be empty');
    return list ?? [];
  }
  const mailbox = readMailbox(value, field, problems);
  return mailbox === undefined ? [] : [mailbox];
}

function readObject(value: Record<string, unknown>, field: string, problems: Problems): Mailbox | undefined {
  const { name, address, ...others } = value;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) problems.add(`${field}.${unknown}`, 'unknown field');
  else if (typeof address !== 'string') problems.add(`${field}.address`, 'must be text');
  else if (typeof name !== 'string' && name !== undefined && name !== null)
    problems.add(`${field}.name`, 'must be text');
  else return unless(mailboxOf(name ?? '', address), field, problems);
  return undefined;
}

function unless<T>(parsed: Parsed<T>, field: string, problems: Problems): T | undefined {
  if (parsed.ok) return parsed.value;
  problems.add(field, parsed.reason);
  return undefined;
}
