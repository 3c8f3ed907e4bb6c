import type { Json } from '../core/event.ts';
import type { AuditNote, Author } from './audit.ts';
import type { RecordKind, Records } from './registry.ts';

// What the audit log says of a change of a record, the same in every engine.

/** What nobody shall read in a log. */
const SECRET = new Set(['sealedPassword', 'passwordHash', 'hash', 'sealedSecret']);
/** What says nothing that the entry itself does not say. */
const SILENT = new Set(['id', 'createdAt', 'updatedAt', 'sessionsSince']);
const CHANGED = 'changed';

/** The entry for a change; undefined when nothing changed that is worth one. Absent before: added; after: removed. */
export function noteOf<K extends RecordKind>(
  kind: K,
  before: Records[K] | undefined,
  after: Records[K] | undefined,
  author: Author,
): AuditNote | undefined {
  const known = after ?? before;
  if (kind === 'session' || kind === 'sealing' || kind === 'hint' || known === undefined) return undefined;
  const action = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  const changes = changesOf(fieldsOf(before), fieldsOf(after));
  if (action === 'changed' && Object.keys(changes).length === 0) return undefined;
  return { ...author, action, kind, subject: known.id, name: nameOf(fieldsOf(known)), changes };
}

type Fields = Readonly<Record<string, Json>>;

function changesOf(before: Fields, after: Fields): AuditNote['changes'] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter(
    name => !SILENT.has(name) && JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return Object.fromEntries(changed.map(name => [name, [say(before, name), say(after, name)] as const]));
}

function say(fields: Fields, name: string): Json {
  const value = fields[name];
  if (value === undefined || value === '') return null;
  return SECRET.has(name) ? CHANGED : withoutSecrets(value);
}

/** Also within what is nested, such as the webhook of an account. */
function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, SECRET.has(name) ? CHANGED : withoutSecrets(inner)]),
  );
}

/** Records are JSON in every engine. */
function fieldsOf(record: object | undefined): Fields {
  return record === undefined ? {} : (JSON.parse(JSON.stringify(record)) as Fields);
}

function nameOf({ caption, name, host, directory }: Fields): string {
  return String(caption ?? name ?? host ?? directory ?? '');
}
