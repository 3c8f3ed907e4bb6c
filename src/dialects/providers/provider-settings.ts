import type { Problem } from '../../core/errors.ts';
import type { ProviderSettings } from '../../operations/provider-operations.ts';
import { present } from '../present.ts';
import { throwProblems } from './problems.ts';
import { type Fields, readFields } from './read-body.ts';
import {
  address,
  credential,
  domains,
  host,
  integer,
  line,
  oneOf,
  path,
  pem,
  type ValueReader,
  yesNo,
} from './values.ts';

/** What clients show in place of a password, and may send back. */
const MASK = '********';
const MOST = 1_000_000_000;

/** Reads the fields of one body, each by its name, and notes what is wrong. */
interface FieldReader {
  /** Undefined when the field is absent (missing, null or ''), or wrong. */
  optional<T>(name: string, reader: ValueReader<T>): T | undefined;
  /** The same, but absence is wrong when the provider is new. */
  required<T>(name: string, reader: ValueReader<T>): T | undefined;
  /** Null where the field is null or '': that takes its value away. */
  removable<T>(name: string, reader: ValueReader<T>): T | null | undefined;
  /** The field as it was sent. */
  raw(name: string): unknown;
  readonly problems: Problem[];
  readonly isNew: boolean;
}

/** The settings of a provider that is new: what the API requires must be there. Throws all that is wrong at once. */
export function readNewProvider(body: Buffer): ProviderSettings {
  return readSettings(createFieldReader(readFields(body), true));
}

/** What a change sets; all that is absent keeps its value. */
export function readChange(body: Buffer): ProviderSettings {
  return readSettings(createFieldReader(readFields(body), false));
}

function readSettings(fields: FieldReader): ProviderSettings {
  const kind = fields.optional('kind', oneOf(['smtp', 'pickup', 'capture']));
  const settings = present({
    ...(kind === undefined || kind === 'smtp' ? readServer(fields) : readOther(fields)),
    ...readCommon(fields),
    kind,
  });
  throwProblems(fields.problems);
  return settings;
}

/** The documented fields, and those of Postern's own that only an SMTP server has. */
function readServer(fields: FieldReader) {
  fields.required('driver', oneOf(['smtp']));
  return {
    host: fields.required('host', host),
    port: fields.required('port', integer(1, 65_535)),
    ...readCredentials(fields),
    sendFrom: fields.required('sendFrom', address),
    sendFromName: fields.required('sendFromName', line),
    encryption: fields.required('encryption', oneOf(['tls', 'ssl', 'none'])),
    maxConnections: fields.optional('maxConnections', integer(1, 1_000)),
    caPem: fields.removable('caPem', pem),
  };
}

/** A pickup directory or an inbox: it has no server, whatever the documented fields say of one. */
function readOther(fields: FieldReader) {
  return {
    sendFrom: fields.optional('sendFrom', address),
    sendFromName: fields.optional('sendFromName', line),
    directory: fields.optional('directory', path),
  };
}

function readCommon(fields: FieldReader) {
  return {
    isEnabled: fields.required('isEnabled', yesNo),
    caption: fields.removable('caption', line),
    priority: fields.optional('priority', integer(0, 1_000_000)),
    weight: fields.optional('weight', integer(0, 1_000)),
    senderDomains: fields.optional('senderDomains', domains),
    maxPerSecond: fields.removable('maxPerSecond', integer(1, MOST)),
    maxPerMinute: fields.removable('maxPerMinute', integer(1, MOST)),
    maxPerHour: fields.removable('maxPerHour', integer(1, MOST)),
    maxPerDay: fields.removable('maxPerDay', integer(1, MOST)),
    maxRecipientsPerMessage: fields.optional('maxRecipientsPerMessage', integer(1, 10_000)),
  };
}

/** Here '' is a value where both are '': no AUTH. One of them alone is absent, as it is in every other field. */
function readCredentials(fields: FieldReader) {
  if (fields.raw('username') === '' && fields.raw('password') === '') return { username: '', password: '' };
  const username = fields.required('username', credential);
  if (fields.raw('password') !== MASK) return { username, password: fields.required('password', credential) };
  if (fields.isNew) fields.problems.push({ field: 'password', message: 'is the mask and no password' });
  return { username };
}

function createFieldReader(fields: Fields, isNew: boolean): FieldReader {
  const problems: Problem[] = [];
  const raw = (name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);

  function optional<T>(name: string, reader: ValueReader<T>): T | undefined {
    const value = raw(name);
    if (isAbsent(value)) return undefined;
    const parsed = reader(value);
    if (parsed.ok) return parsed.value;
    problems.push({ field: name, message: parsed.reason });
    return undefined;
  }

  return {
    problems,
    isNew,
    raw,
    optional,
    required(name, reader) {
      if (isNew && isAbsent(raw(name))) problems.push({ field: name, message: 'is missing' });
      return optional(name, reader);
    },
    removable: (name, reader) =>
      raw(name) !== undefined && isAbsent(raw(name)) ? null : optional(name, reader),
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
