import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError, type Problem } from '../core/errors.ts';
import { checkConfig } from './check-config.ts';
import { defaultOf, FIELDS } from './config-fields.ts';
import { environmentLayer, fileLayer, type Layer, type RawValue } from './config-layers.ts';
import type { Config } from './config-schema.ts';
import { readField } from './read-field.ts';

/** The sources of values. The first source that has a value wins: settings, environment, file, default. */
export interface ConfigSources {
  /** Path of a YAML file. */
  readonly file?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Values of the command line by path, such as `http.port`. Undefined means that the value is not set. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** The flags of `postern dev`. An absent flag has the default of development mode. */
export interface DevelopmentFlags {
  readonly http?: Endpoint;
  readonly smtp?: Endpoint;
  readonly data?: string;
  readonly store?: string;
  readonly smarthost?: string;
  /** How many ended messages are kept. */
  readonly keep?: number;
  readonly log?: Config['log']['level'];
  readonly tempMail?: {
    readonly domains: readonly string[];
    readonly jwtSecret: string;
    readonly adminPassword: string;
  };
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Reads the configuration. Throws one AppError with all problems, each with its path or variable. */
export function loadConfig(sources: ConfigSources): Config {
  const problems: Problem[] = [];
  const layers = [
    settingsLayer(sources.settings ?? {}),
    environmentLayer(sources.environment ?? {}, problems),
    sources.file === undefined ? new Map() : fileLayer(readConfigFile(sources.file), problems),
  ];
  const values = readFields(layers, problems);
  const config = problems.length === 0 ? buildConfig(values) : undefined;
  if (config !== undefined) problems.push(...checkConfig(config));
  if (config === undefined || problems.length > 0) throw configError(problems);
  return config;
}

/** The configuration of `postern dev`: its flags and the defaults, without file and environment. */
export function developmentConfig(flags: DevelopmentFlags): Config {
  return loadConfig({
    settings: {
      development: true,
      data: flags.data,
      store: flags.store,
      smarthost: flags.smarthost,
      'retention.newestMessages': flags.keep,
      'log.level': flags.log,
      'tempMail.domains': flags.tempMail?.domains,
      'tempMail.jwtSecret': flags.tempMail?.jwtSecret,
      'tempMail.adminPasswords': flags.tempMail && [flags.tempMail.adminPassword],
      'http.host': flags.http?.host,
      'http.port': flags.http?.port,
      'smtp.host': flags.smtp?.host,
      'smtp.port': flags.smtp?.port,
    },
  });
}

function settingsLayer(settings: Readonly<Record<string, unknown>>): Layer {
  return new Map(
    Object.entries(settings)
      .filter(([, value]) => value !== undefined)
      .map(([path, value]) => [path, { value, name: path, isText: false }]),
  );
}

function readConfigFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new AppError('invalid', `The configuration file ${path} cannot be read (${reason}).`);
  }
}

function readFields(layers: readonly Layer[], problems: Problem[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const field of FIELDS) {
    const raw = firstValue(layers, field.path);
    if (raw !== undefined) values.set(field.path, readField(field, raw, problems));
  }
  const isDevelopment = values.get('development') === true;
  for (const field of FIELDS) {
    if (!values.has(field.path)) values.set(field.path, defaultOf(field, isDevelopment));
  }
  return values;
}

/** Null means absent: a YAML file can have a setting without a value. */
function firstValue(layers: readonly Layer[], path: string): RawValue | undefined {
  return layers.map(layer => layer.get(path)).find(raw => raw !== undefined && raw.value !== null);
}

function buildConfig(values: ReadonlyMap<string, unknown>): Config {
  const config: Record<string, unknown> = {};
  for (const [path, value] of values) {
    if (value !== undefined) setAt(config, path.split('.'), value);
  }
  const data = resolve(String(config['data']));
  const store = config['store'] ?? `sqlite:${join(data, 'postern.sqlite')}`;
  // Config is the type of the schema that each field was read with.
  return { ...config, data, store } as unknown as Config;
}

function setAt(
  target: Record<string, unknown>,
  [name = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  target[name] ??= {};
  setAt(target[name] as Record<string, unknown>, rest, value);
}

function configError(problems: readonly Problem[]): AppError {
  const lines = problems.map(({ field, message }) => `${field} ${message}`);
  const sentence =
    lines.length === 1 ? `Configuration: ${lines[0]}.` : `Configuration:\n  ${lines.join('\n  ')}`;
  return new AppError('invalid', sentence, { problems });
}
