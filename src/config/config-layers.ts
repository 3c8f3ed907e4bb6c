import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { AppError, type Problem } from '../core/errors.ts';
import { FIELDS, type Field, SECTIONS } from './config-fields.ts';
import { describeValue, suggestion } from './problem-text.ts';

/** The values of one source (file, environment or command line), by the path of their field. */
export type Layer = ReadonlyMap<string, RawValue>;

/** A value before it is checked. */
export interface RawValue {
  readonly value: unknown;
  /** The name in its source: a path in the file, or a variable. Error texts show it. */
  readonly name: string;
  /** The value is a string whatever the type of the field: it comes from the environment or from a secret file. */
  readonly isText: boolean;
}

/**
 * Variables that are not fields: those of the command line and of the examples for clients, and those that Kubernetes
 * sets for a service with the name "postern".
 */
const FOREIGN_VARIABLE =
  /^POSTERN_(CONFIG|DEBUG|KEY|URL|USER|ADMIN_TOKEN|LAUNCHED|PASSWORD|SERVICE_(HOST|PORT)(_.*)?|PORT|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)$/;

const BY_PATH: ReadonlyMap<string, Field> = new Map(FIELDS.map(field => [field.path, field]));
const SECTION_PATHS: ReadonlySet<string> = new Set(SECTIONS.map(section => section.path));

/** Reads the values of a YAML document. */
export function fileLayer(text: string, problems: Problem[]): Layer {
  const layer = new Map<string, RawValue>();
  const document = parseYaml(text);
  if (document !== null && document !== undefined) addSection(layer, '', document, problems);
  return layer;
}

/** Reads the environment variables that begin with `POSTERN_`. */
export function environmentLayer(
  environment: Readonly<Record<string, string | undefined>>,
  problems: Problem[],
): Layer {
  const layer = new Map<string, RawValue>();
  const names = new Map(FIELDS.map(field => [field.variable, field]));
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('POSTERN_') || value === undefined || FOREIGN_VARIABLE.test(variable)) continue;
    const field = names.get(variable);
    const secret = variable.endsWith('_FILE') ? names.get(variable.slice(0, -'_FILE'.length)) : undefined;
    if (field !== undefined) layer.set(field.path, { value, name: variable, isText: true });
    else if (secret?.schema.isSecret) addSecretFile(layer, secret, variable, value, problems);
    else
      problems.push({
        field: variable,
        message: `is not a setting${suggestion(variable, [...names.keys()])}`,
      });
  }
  return layer;
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, { prettyErrors: true });
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new AppError(
      'malformed',
      `The configuration file is not valid YAML: ${error.message.split('\n')[0]}`,
    );
  }
}

function addSection(layer: Map<string, RawValue>, path: string, value: unknown, problems: Problem[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push({
      field: path || 'the file',
      message: `must be a section with fields, found ${describeValue(value)}`,
    });
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    const innerPath = path === '' ? name : `${path}.${name}`;
    const secret = BY_PATH.get(innerPath.replace(/File$/, ''));
    if (SECTION_PATHS.has(innerPath)) addSection(layer, innerPath, inner ?? {}, problems);
    else if (BY_PATH.has(innerPath)) layer.set(innerPath, { value: inner, name: innerPath, isText: false });
    else if (secret?.schema.isSecret) addSecretFile(layer, secret, innerPath, inner, problems);
    else
      problems.push({
        field: innerPath,
        message: `is not a setting${suggestion(innerPath, [...BY_PATH.keys()])}`,
      });
  }
}

function addSecretFile(
  layer: Map<string, RawValue>,
  field: Field,
  name: string,
  path: unknown,
  problems: Problem[],
): void {
  if (layer.has(field.path)) {
    problems.push({
      field: name,
      message: `is set together with ${layer.get(field.path)?.name}: set only one of them`,
    });
  }
  try {
    const value = readFileSync(String(path), 'utf8').replace(/\r?\n$/, '');
    layer.set(field.path, { value, name, isText: true });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'not a path';
    problems.push({
      field: name,
      message: `names a file that cannot be read (${reason}): ${describeValue(path)}`,
    });
  }
}
