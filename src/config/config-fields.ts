import { type Annotations, ConfigSchema } from './config-schema.ts';

/** The part of JSON Schema that the fields of the configuration use. */
export interface FieldSchema extends Annotations {
  readonly type: 'string' | 'integer' | 'boolean' | 'array';
  readonly description: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
}

/** One field of the configuration. */
export interface Field {
  /** The name in the YAML file, with its sections: `http.port`. */
  readonly path: string;
  /** The environment variable: `POSTERN_HTTP_PORT`. */
  readonly variable: string;
  readonly schema: FieldSchema;
}

/** A section of the YAML file. */
export interface Section {
  /** '' for the top level. */
  readonly path: string;
  readonly description: string;
  readonly fields: readonly Field[];
}

interface SectionSchema {
  readonly type: 'object';
  readonly description?: string;
  readonly properties: Readonly<Record<string, FieldSchema | SectionSchema>>;
}

/** The sections of the configuration. The top level comes first. */
export const SECTIONS: readonly Section[] = sectionsOf(ConfigSchema as unknown as SectionSchema, []);

/** Every field, in the order of the schema. */
export const FIELDS: readonly Field[] = SECTIONS.flatMap(section => section.fields);

/** The environment variable of a field: `http.trustedNetworks` → `POSTERN_HTTP_TRUSTED_NETWORKS`. */
function variableOf(path: string): string {
  const words = path.replaceAll('.', '_').replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2');
  return `POSTERN_${words.toUpperCase()}`;
}

export function defaultOf({ schema }: Field, isDevelopment: boolean): unknown {
  return isDevelopment ? (schema.developmentDefault ?? schema.default) : schema.default;
}

function sectionsOf(schema: SectionSchema, above: readonly string[]): Section[] {
  const fields: Field[] = [];
  const inner: Section[] = [];
  for (const [name, property] of Object.entries(schema.properties)) {
    const names = [...above, name];
    const path = names.join('.');
    if (property.type === 'object') inner.push(...sectionsOf(property, names));
    else fields.push({ path, variable: variableOf(path), schema: property });
  }
  return [{ path: above.join('.'), description: schema.description ?? '', fields }, ...inner];
}
