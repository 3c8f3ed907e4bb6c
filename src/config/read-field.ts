import type { Problem } from '../core/errors.ts';
import type { Field, FieldSchema } from './config-fields.ts';
import type { RawValue } from './config-layers.ts';
import { describeValue } from './problem-text.ts';
import { formatQuantity, parseQuantity, UNIT_EXAMPLES } from './units.ts';

/** Returns the value in the type of the field. If it is invalid, adds a problem and returns undefined. */
export function readField(field: Field, raw: RawValue, problems: Problem[]): unknown {
  const value = readValue(field.schema, raw);
  if (value === undefined) {
    const found = field.schema.isSecret ? 'another value (not shown)' : describeValue(raw.value);
    problems.push({ field: raw.name, message: `must be ${describeExpected(field.schema)}, found ${found}` });
  }
  return value;
}

/** The valid values of a field, for error texts: `a whole number from 0 to 65535`. */
export function describeExpected(schema: FieldSchema): string {
  switch (schema.type) {
    case 'string':
      if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
      return schema.minLength === undefined ? 'a string' : 'a string that is not empty';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list of strings';
    case 'integer':
      return numberExpectation(schema);
  }
}

function numberExpectation({ unit, minimum = 0, maximum }: FieldSchema): string {
  if (unit !== undefined) {
    const least = minimum === 0 ? '' : `, at least ${formatQuantity(minimum, unit)}`;
    return `a ${unit === 'duration' ? 'time' : 'size'} (${UNIT_EXAMPLES[unit]})${least}`;
  }
  return maximum === undefined
    ? `a whole number from ${minimum}`
    : `a whole number from ${minimum} to ${maximum}`;
}

function readValue(schema: FieldSchema, { value, isText }: RawValue): unknown {
  switch (schema.type) {
    case 'string':
      return readText(schema, value);
    case 'boolean':
      return isText ? { true: true, false: false }[String(value)] : ifType(value, 'boolean');
    case 'array':
      return isText ? splitList(String(value)) : readList(value);
    case 'integer':
      return readInteger(schema, value);
  }
}

function readText(schema: FieldSchema, value: unknown): unknown {
  if (typeof value !== 'string' || value.length < (schema.minLength ?? 0) || value.includes('\0'))
    return undefined;
  return schema.enum === undefined || schema.enum.includes(value) ? value : undefined;
}

function readInteger({ unit, minimum = 0, maximum }: FieldSchema, value: unknown): unknown {
  const number = typeof value === 'string' ? readQuantity(value, unit) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) return undefined;
  return number >= minimum && number <= (maximum ?? number) ? number : undefined;
}

function readQuantity(text: string, unit: FieldSchema['unit']): number | undefined {
  if (unit !== undefined) return parseQuantity(text, unit);
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function readList(value: unknown): unknown {
  return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined;
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '');
}

function ifType(value: unknown, type: 'boolean'): unknown {
  return typeof value === type ? value : undefined;
}
