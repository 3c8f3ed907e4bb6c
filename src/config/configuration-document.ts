import { FIELDS, type Field, SECTIONS, type Section } from './config-fields.ts';
import { describeExpected } from './read-field.ts';
import { formatQuantity, UNIT_EXAMPLES } from './units.ts';

/** The content of docs/configuration.md: the reference of all settings. */
export function configurationDocument(): string {
  return `${[INTRODUCTION, ...SECTIONS.map(sectionText), example()].join('\n\n')}\n`;
}

const INTRODUCTION = `# Configuration

<!-- Printed from src/config/config-schema.ts by scripts/print-configuration.ts: change the schema, not this page. -->

\`postern serve --config FILE\` reads one YAML file. Each setting also has an environment variable, which overrides the file.
A setting that is in neither has the default below. \`postern dev\` reads neither: it uses its flags and the defaults of
development mode.

- The gate does not start with an unknown name or a wrong value. It reports all of them together, each with the expected value.
- Lists are YAML lists. In a variable, commas separate the items.
- Times are milliseconds, or a number with a unit: ${UNIT_EXAMPLES.duration}.
- Sizes are bytes, or a number with a unit: ${UNIT_EXAMPLES.bytes}.
- A setting marked *secret* is never shown. A file can contain its value: add \`File\` to the name and give the path
  (\`secretKeyFile\`, \`POSTERN_SECRET_KEY_FILE\`).`;

function sectionText({ path, description, fields }: Section): string {
  const heading = path === '' ? '## Top level' : `## ${path}\n\n${description}`;
  const rows = fields.map(fieldRow).join('\n');
  return `${heading}\n\n| setting | meaning | default |\n|---|---|---|\n${rows}`;
}

function fieldRow(field: Field): string {
  const { path, variable, schema } = field;
  const kind = schema.isSecret ? `${kindText(field)}, *secret*` : kindText(field);
  return `| \`${path}\`<br>\`${variable}\` | ${schema.description}<br>${kind} | ${defaultText(field)} |`;
}

function kindText({ schema }: Field): string {
  const text = describeExpected(schema).replace(/ \(.*?\)/, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function defaultText({ schema }: Field): string {
  const usual = schema.defaultText ?? valueText(schema.default, schema.unit);
  if (schema.developmentDefault === undefined) return usual;
  return `${usual}; in development mode ${valueText(schema.developmentDefault, schema.unit)}`;
}

function valueText(value: unknown, unit: Field['schema']['unit']): string {
  if (value === undefined) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(item => `\`${item}\``).join(', ');
  return typeof value === 'number' && unit !== undefined
    ? `\`${formatQuantity(value, unit)}\``
    : `\`${value}\``;
}

function example(): string {
  const count = FIELDS.length;
  return `## Example

None of the ${count} settings is required. This is the configuration of a gate behind a reverse proxy on the same machine:

\`\`\`yaml
data: /var/lib/postern
secretKeyFile: /run/secrets/postern-key
http:
  hosts: [mail-gate.example.com]
  trustedNetworks: []
  trustedProxies: [127.0.0.1]
retention:
  deliveredBodyMs: 7 d
log:
  level: warn
\`\`\``;
}
