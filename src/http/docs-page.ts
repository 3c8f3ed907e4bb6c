import type { DialectReply } from '../dialects/dialect.ts';
import { type Html, html } from '../dialects/html.ts';
import { htmlPage } from '../dialects/page-frame.ts';
import type { OpenApi, OpenApiOperation } from './openapi.ts';

/** The part of JSON Schema that the API uses. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** Renders the API description as one HTML page without scripts and external files. */
export function docsPage(api: OpenApi): DialectReply {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const sections = tags.map(tag => {
    const ofTag = operations.filter(({ operation }) => operation.tags.includes(tag));
    return html`<h2>${tag}</h2>${ofTag.map(one => operationDetails(one.method, one.path, one.operation))}`;
  });
  return htmlPage(
    200,
    `${api.info.title} ${api.info.version}`,
    html`<p>${api.info.description} The same for programs: <a href="/openapi.json">openapi.json</a>. Samples:
<a href="/docs/examples">examples</a>.</p>
<p>Present a key as <code>Authorization: Bearer &lt;key&gt;</code>, or as the password of Basic authentication.</p>
<pre>curl -H "Authorization: Bearer $KEY" -d '{"from":"you@example.com","to":"somebody@example.com","subject":"Hello","text":"Hello!"}' \\
  http://localhost/v1/messages</pre>${sections}`,
  );
}

function operationDetails(method: string, path: string, operation: OpenApiOperation): Html {
  const body = operation.requestBody?.content['application/json']?.schema;
  return html`<details><summary><span class="method">${method}</span> <code>${path}</code> ${operation.summary}</summary>
${operation.description === undefined ? [] : html`<p>${operation.description}</p>`}
${parameterTable(operation)}${body === undefined ? [] : bodyTable(body)}${replyTable(operation)}</details>`;
}

function parameterTable({ parameters }: OpenApiOperation): Html | readonly Html[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map(
    parameter =>
      html`<tr><td><code>${parameter.name}</code></td><td>${parameter.in}</td><td>${parameter.description ?? ''}</td></tr>`,
  );
  return html`<table><tr><th>Parameter</th><th>In</th><th></th></tr>${rows}</table>`;
}

function bodyTable(schema: Schema): Html {
  const [object, prefix] = schema.items === undefined ? [schema, ''] : [schema.items, '[].'];
  const rows = Object.entries(object.properties ?? {}).map(([name, field]) => {
    const isRequired = object.required?.includes(name) ? ' (required)' : '';
    return html`<tr><td><code>${prefix}${name}</code></td><td>${typeOf(field)}${isRequired}</td><td>${field.description ?? ''}</td></tr>`;
  });
  return html`<table><tr><th>Field</th><th>Type</th><th></th></tr>${rows}</table>`;
}

function replyTable({ responses }: OpenApiOperation): Html {
  const rows = Object.entries(responses).map(
    ([status, { description }]) => html`<tr><td><code>${status}</code></td><td>${description}</td></tr>`,
  );
  return html`<table><tr><th>Reply</th><th></th></tr>${rows}</table>`;
}

function typeOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.enum !== undefined) return schema.enum.join(' | ');
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}`;
  if (schema.properties !== undefined) return `{${Object.keys(schema.properties).join(', ')}}`;
  return schema.type ?? 'any';
}
