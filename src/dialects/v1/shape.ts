import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import type { Problem } from '../../core/errors.ts';
import { collectProblems } from './problems.ts';
import { TIME_WORDS } from './time.ts';

/** Checks values against a schema; compiled once. */
export interface Shape<T> {
  /** Whether the value has the shape; otherwise `problemsOf` says why not. */
  isMet(value: unknown): value is T;
  problemsOf(value: unknown): Problem[];
  /** The value, which has the shape; otherwise throws `invalid` with everything that is wrong. */
  read(value: unknown): T;
}

// The library stops at eight, but callers shall hear of everything at once.
Settings.Set({ maxErrors: 100 });

export function compileShape<Schema extends TSchema>(schema: Schema): Shape<Static<Schema>> {
  const validator = Compile(schema);
  const isMet = (value: unknown): value is Static<Schema> => validator.Check(value);
  const problemsOf = (value: unknown) => validator.Errors(value).flatMap(toProblems);
  return {
    isMet,
    problemsOf,
    read(value) {
      if (isMet(value)) return value;
      const problems = collectProblems();
      problems.addAll(problemsOf(value));
      problems.throwIfAny();
      throw new Error('a value without the shape has no problem');
    },
  };
}

function toProblems(error: TLocalizedValidationError): Problem[] {
  const field = fieldOf(error.instancePath);
  switch (error.keyword) {
    case 'boolean':
      return [{ field, message: 'unknown field' }];
    case 'additionalProperties':
      // Names once more all the fields that were told one by one.
      return [];
    case 'required':
      return error.params.requiredProperties.map(name => ({
        field: join(field, name),
        message: 'is missing',
      }));
    case 'enum':
      return [{ field, message: `must be one of ${error.params.allowedValues.join(', ')}` }];
    case 'format':
      return [{ field, message: TIME_WORDS }];
    default:
      return [{ field: field === '' ? 'body' : field, message: error.message }];
  }
}

/** `/to/0/name` → `to[0].name` */
function fieldOf(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts.reduce((field, part) => {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    return /^\d+$/.test(name) ? `${field}[${name}]` : join(field, name);
  }, '');
}

function join(field: string, name: string): string {
  return field === '' ? name : `${field}.${name}`;
}
